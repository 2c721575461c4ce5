import { RingfenceError } from '../../core/errors.js';
import type { TenantKeys } from '../keys/tenant-keys.js';
import { usingKey } from '../keys/using-keys.js';
import type { Located } from './directory/directory.js';

/**
 * Lets nobody in to a tenant whose customer has closed the key that it holds: what is not sealed would be read otherwise.
 * @throws RingfenceError `customer_key_closed`, `kms_unavailable`; `config_invalid` where nobody could tell.
 */
export const requireCustomerKey = async (
  { tenantId, hasCustomerKey }: Pick<Located, 'tenantId' | 'hasCustomerKey'>,
  tenantKeys: TenantKeys | undefined,
): Promise<void> => {
  if (!hasCustomerKey) return;
  if (!tenantKeys)
    throw new RingfenceError('config_invalid', 'the customer of this tenant holds a key of its own', {
      fix: 'give createAccess its option tenantKeys',
    });
  await usingKey(tenantKeys.load(tenantId), () => undefined);
};
