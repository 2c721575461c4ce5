import { join } from 'node:path';
import { z } from 'zod';
import { awsKmsRegions } from '../../data-plane/keys/aws-kms-regions.js';
import type { KeyRoot } from '../../data-plane/keys/key-root.js';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { cellDir } from '../cell-dir.js';
import { defineTarget } from '../define-target.js';
import { billedParts } from './billed-parts.js';
import { infrastructureSchema } from './infrastructure.js';
import { RDS_OPTION, rdsInstances } from './instances.js';
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
  option: RDS_OPTION,
  restoredBy: 'the console of RDS',
  settings: null,
  words: ({ rdsInstance }) => ({ server: `instance ${rdsInstance}`, place: rdsInstance }),
  infrastructure: ({ infrastructure }) => infrastructure,
  billed: ({ infrastructure }, region) =>
    infrastructure === undefined ? null : billedParts(infrastructure, region),
  objects: ({ env }) => s3Objects(env),
  open: ({ home, env, reached, say }) => {
    const instances = rdsInstances({ env, reached, say });
    const keyring = localKeyring(join(home, 'keyring'));
    const kms = awsKmsRegions();
    return {
      keyRoot: (region, { rootKeys, infrastructure }) => {
        if (rootKeys === undefined) return keyring;
        return infrastructure === undefined ? kms.in(region) : onlyFound(kms.in(region));
      },
      keyRoots: [keyring, kms.anywhere],
      host: ({ name, region }, { rdsInstance, infrastructure }) =>
        instances({
          cell: name,
          region,
          instance: rdsInstance,
          isOurs: infrastructure !== undefined,
          holds: DATABASE_OF_CELL,
          dir: cellDir(home, name),
        }),
    };
  },
});
