import { join } from 'node:path';
import { z } from 'zod';
import { awsKmsRegions } from '../../data-plane/keys/aws-kms-regions.js';
import type { KeyRoot } from '../../data-plane/keys/key-root.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { cellDir } from '../cell-dir.js';
import { defineTarget } from '../define-target.js';
import { verifiedTls } from '../network/verified-tls.js';
import { adminConnections } from './admin-connections.js';
import { amazonAuthorities } from './amazon-authorities.js';
import { billedParts } from './billed-parts.js';
import { atEndpoint } from './endpoint.js';
import { rdsHost } from './host.js';
import { infrastructureSchema } from './infrastructure.js';
import { openRds, type Rds } from './rds/api.js';
import { rdsClients } from './rds/clients.js';
import { DATABASE_OF_CELL } from './rds/held-database.js';
import { s3Objects } from './s3/objects.js';

/** The cell's stack made the key, with a policy of its own: another one in its place would be open to the account. */
const onlyFound = (root: KeyRoot): KeyRoot => ({
  ...root,
  ensureRoot: (cell) => root.ensureRoot(cell, { mayCreate: false }),
  // It stays when the cell goes, as backups and the last snapshot do: whoever needs them no more ends it (docs/aws.md).
  scheduleRootDeletion: async () => new Date(LAST_MOMENT_MS),
});

const LAST_MOMENT_MS = 8.64e15;

const OPTION = '--rds <db-instance-identifier>';

/** Cells on instances of Amazon RDS in the region of the cell: those that are there already, and those that Ringfence makes. */
export const aws = defineTarget({
  name: 'aws',
  provider: 'Amazon RDS',
  address: z.strictObject({
    rdsInstance: z.string().min(1),
    infrastructure: infrastructureSchema.optional(),
    /** Left out, and so of cells of earlier versions, they are in the project's own keyring. */
    rootKeys: z.literal('aws-kms').optional(),
  }),
  isHere: false,
  hasSuperuser: false,
  option: OPTION,
  restoredBy: 'the console of RDS',
  settings: null,
  words: ({ rdsInstance }) => ({ server: `instance ${rdsInstance}`, place: rdsInstance }),
  infrastructure: ({ infrastructure }) => infrastructure,
  billed: ({ infrastructure }, region) =>
    infrastructure === undefined ? null : billedParts(infrastructure, region),
  objects: ({ env }) => s3Objects(env),
  open: ({ home, env, reached, say }) => {
    const regions = new Map<string, Rds>();
    const rdsOf = (region: string): Rds => {
      const rds = regions.get(region) ?? openRds(rdsClients(region));
      regions.set(region, rds);
      return rds;
    };
    const connections = adminConnections();
    const keyring = localKeyring(join(home, 'keyring'));
    const kms = awsKmsRegions();
    return {
      keyRoot: (region, { rootKeys, infrastructure }) => {
        if (rootKeys === undefined) return keyring;
        return infrastructure === undefined ? kms.in(region) : onlyFound(kms.in(region));
      },
      keyRoots: [keyring, kms.anywhere],
      host: ({ name, region }, { rdsInstance, infrastructure }) =>
        rdsHost({
          cell: name,
          instance: rdsInstance,
          isOurs: infrastructure !== undefined,
          holds: DATABASE_OF_CELL,
          rds: rdsOf(region),
          rdsIn: rdsOf,
          endpoint: atEndpoint(env, 'RDS'),
          network: verifiedTls(cellDir(home, name), { authorities: amazonAuthorities, option: OPTION }),
          password: env.RINGFENCE_RDS_PASSWORD,
          connections,
          reached,
          say,
        }),
    };
  },
});
