import { recordDeployment } from '../../../control-plane/deployments/record-deployment.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { parseTenant, type TenantInput } from '../../../manifest/index.js';
import { smallTenant } from '../../support/cli.js';
import { registered } from '../registry.js';

/** Records an active tenant with its deployed manifest, of second 2,000. @returns its id. */
export const deployedTenant = async (
  runtime: Runtime,
  slug: string,
  { manifest, cell }: { readonly manifest: Partial<TenantInput>; readonly cell: string },
): Promise<string> => {
  const { control } = runtime;
  const { id: tenantId } = await registered(control, slug, { manifest, cell });
  await recordDeployment(
    runtime,
    { tenantId },
    { inputs: parseTenant(smallTenant(slug, manifest)), inputsHash: 'x' },
    async (deployment) => {
      await deployment.applied();
      return { result: undefined, checkpointHash: 'x' };
    },
  );
  await control.query(
    `UPDATE control.tenants SET state = 'active', deployed_at = to_timestamp(2000) WHERE id = $1`,
    [tenantId],
  );
  return tenantId;
};
