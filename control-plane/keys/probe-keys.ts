import { withConnection } from '../../data-plane/database/connect.js';
import { type FieldProbe, probeFields } from '../../data-plane/keys/rotation/probe-fields.js';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { wrappedKeys } from './store.js';

/** Opens the newest sealed values of a tenant with its keys. @throws RingfenceError `key_not_found`, and as `KeyRoot.unwrap`. */
export const probeKeys = async (
  runtime: Runtime,
  { id, cell }: Pick<RegisteredTenant, 'id' | 'cell'>,
): Promise<FieldProbe> => {
  return usingKeyVersions(runtime.target.tenantKeys, wrappedKeys(runtime.control), id, async (keys) =>
    withConnection(await runtime.target.adminConnection(cell), (client) => probeFields(client, id, keys)),
  );
};
