import { verifiedTls } from '../network/verified-tls.js';
import type { CellHost, TargetContext } from '../target.js';
import { adminConnections } from './admin-connections.js';
import { amazonAuthorities } from './amazon-authorities.js';
import { atEndpoint } from './endpoint.js';
import { rdsHost } from './host.js';
import { openRds, type Rds } from './rds/api.js';
import { rdsClients } from './rds/clients.js';
import { CONTROL_DATABASE_OF_PROJECT } from './rds/held-database.js';

/** Where an instance with the control database is. */
interface RdsPlace {
  readonly region: string;
  readonly rdsInstance: string;
}

/**
 * The instance of Amazon RDS with the control database, as that of a cell: AWS is asked for its address and password, and its
 * certificate is verified by the authorities in `dir`.
 */
export const rdsControl = (
  { region, rdsInstance }: RdsPlace,
  context: Omit<TargetContext, 'home'> & { readonly dir: string; readonly isOurs: boolean },
): CellHost => {
  const { dir, isOurs, env, reached, say } = context;
  const regions = new Map<string, Rds>();
  const rdsIn = (name: string): Rds => {
    const rds = regions.get(name) ?? openRds(rdsClients(name));
    regions.set(name, rds);
    return rds;
  };
  return rdsHost({
    cell: 'control',
    instance: rdsInstance,
    isOurs,
    holds: CONTROL_DATABASE_OF_PROJECT,
    rds: rdsIn(region),
    rdsIn,
    endpoint: atEndpoint(env, 'RDS'),
    network: verifiedTls(dir, { authorities: amazonAuthorities, option: '--rds <db-instance-identifier>' }),
    password: env.RINGFENCE_RDS_PASSWORD,
    connections: adminConnections(),
    reached,
    say,
  });
};
