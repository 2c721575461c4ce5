import { RingfenceError } from '../../core/errors.js';
import type { Runtime } from '../runtime.js';

/** @throws RingfenceError usage for a control database on Amazon RDS, which keeps its backups itself. */
export const refuseOnRds = ({ controlServer }: Pick<Runtime, 'controlServer'>, what: string): void => {
  if (controlServer === undefined) return;
  const { rdsInstance, region } = controlServer.place;
  throw new RingfenceError(
    'usage',
    `the control database is on instance ${rdsInstance} in ${region}, whose backups RDS keeps: ${what}`,
    { fix: 'look at them with `ringfence control status`; docs/aws.md says how RDS restores one' },
  );
};
