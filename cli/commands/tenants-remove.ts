import { renameSync } from 'node:fs';
import { removeTenant } from '../../control-plane/operations/remove-tenant.js';
import { getTenant } from '../../control-plane/registry/tenants.js';
import { type Context, confirmByName, confirmOption } from '../context.js';
import { findManifest } from '../manifests.js';
import { progress } from '../progress.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence tenants remove <slug>` */
export const tenantsRemove = async (
  context: Context,
  options: { readonly confirm?: string },
  slug: string,
): Promise<void> => {
  const manifest = findManifest(context, slug);
  await withRuntime(context, async (runtime) => {
    const tenant = await getTenant(runtime.control, slug);
    await confirmByName(
      context,
      slug,
      `This removes ${tenant.legalName} with all its rows from cell ${tenant.cell}.`,
      confirmOption(slug, options.confirm),
    );
    const report = progress(context, slug);
    await removeTenant(runtime, slug, report.change);
    report.done();
    // Otherwise the next \`apply --all\` would deploy it again.
    const kept = manifest ? `${manifest}.removed` : null;
    if (manifest && kept) renameSync(manifest, kept);
    const result = { slug, tenantId: tenant.id, removed: true, manifest: kept };
    context.result(
      result,
      () => `${slug} is removed; its key and backups are kept${kept ? `; its manifest is ${kept}` : ''}\n`,
    );
  });
};
