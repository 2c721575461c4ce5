import { verifiedTls } from '../network/verified-tls.js';
import type { CellHost, TargetContext } from '../target.js';
import { adminConnections } from './admin-connections.js';
import { amazonAuthorities } from './amazon-authorities.js';
import { atEndpoint } from './endpoint.js';
import { rdsHost } from './host.js';
import { openRds, type Rds } from './rds/api.js';
import { rdsClients } from './rds/clients.js';
import type { HeldDatabase } from './rds/held-database.js';

/** How the command line names an instance. */
export const RDS_OPTION = '--rds <db-instance-identifier>';

interface Instance {
  /** What it serves, for messages: a cell, or `control`. */
  readonly cell: string;
  readonly region: string;
  readonly instance: string;
  /** Ringfence has made it. */
  readonly isOurs: boolean;
  readonly holds: HeldDatabase;
  /** A folder of its own, with the authorities that its certificate is verified by. */
  readonly dir: string;
}

/** Instances of Amazon RDS, whose addresses and passwords AWS is asked for: a client for each region. */
export const rdsInstances = ({
  env,
  reached,
  say,
}: Omit<TargetContext, 'home'>): ((instance: Instance) => CellHost) => {
  const regions = new Map<string, Rds>();
  const rdsIn = (region: string): Rds => {
    const rds = regions.get(region) ?? openRds(rdsClients(region));
    regions.set(region, rds);
    return rds;
  };
  const connections = adminConnections();
  return ({ region, dir, ...instance }) =>
    rdsHost({
      ...instance,
      rds: rdsIn(region),
      rdsIn,
      endpoint: atEndpoint(env, 'RDS'),
      network: verifiedTls(dir, { authorities: amazonAuthorities, option: RDS_OPTION }),
      password: env.RINGFENCE_RDS_PASSWORD,
      connections,
      reached,
      say,
    });
};
