import type { CellHost, TargetContext } from '../target.js';
import { rdsInstances } from './instances.js';
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
  {
    dir,
    isOurs,
    ...context
  }: Omit<TargetContext, 'home'> & { readonly dir: string; readonly isOurs: boolean },
): CellHost =>
  rdsInstances(context)({
    cell: 'control',
    region,
    instance: rdsInstance,
    isOurs,
    holds: CONTROL_DATABASE_OF_PROJECT,
    dir,
  });
