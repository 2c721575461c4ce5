import { RingfenceError } from '../../../core/errors.js';
import type { Rds } from './api.js';
import type { RdsInstance } from './instance.js';

/**
 * The master user's password: RDS's own secret where RDS manages it, else the one that was given.
 * @throws RingfenceError config_invalid without either.
 */
export const masterPassword = async (
  rds: Rds,
  instance: RdsInstance,
  given: string | undefined,
): Promise<string> => {
  if (instance.secretArn !== undefined) return rds.managedPassword(instance.secretArn);
  if (given !== undefined && given !== '') return given;
  throw new RingfenceError('config_invalid', `the password of ${instance.id}’s master user is not known`, {
    fix: 'let RDS manage it (aws rds modify-db-instance --manage-master-user-password), or set RINGFENCE_RDS_PASSWORD',
  });
};
