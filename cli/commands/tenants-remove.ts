import { userInfo } from 'node:os';
import { planRemoval } from '../../control-plane/removal/plan-removal.js';
import { removeTenant } from '../../control-plane/removal/remove-tenant.js';
import { type Context, confirmByName, yesOption } from '../context.js';
import { findManifest, putAwayManifest } from '../manifests.js';
import { describeBackup } from '../print-backup.js';
import { progress } from '../progress.js';
import { sayRows } from '../say-rows.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence tenants remove <slug>` */
export const tenantsRemove = async (
  context: Context,
  options: { readonly confirm?: string },
  slug: string,
): Promise<void> => {
  // For a slug that is none.
  findManifest(context, slug);
  await withRuntime(context, async (runtime) => {
    const { tenant, found } = await planRemoval(runtime, slug);
    sayRows(context, found);
    await confirmByName(
      context,
      slug,
      `This removes ${tenant.legalName} with ${found.total} rows from cell ${tenant.cell}, after a last backup.`,
      yesOption(context, slug, options.confirm),
    );
    const report = progress(context, slug);
    const { finalBackup } = await removeTenant(runtime, slug, {
      by: userInfo().username,
      onStep: report.step,
    });
    report.done();
    const kept = putAwayManifest(context, slug);
    const result = {
      slug,
      tenantId: tenant.id,
      removed: true,
      rows: found.rows,
      finalBackup,
      manifest: kept,
    };
    context.result(
      result,
      () => `${slug} is removed; its key and its backups are kept${kept ? `; its manifest is ${kept}` : ''}
final backup:    ${finalBackup ? describeBackup(finalBackup) : 'none, for it had no row'}
to bring it back: ringfence tenants restore-removed ${slug}
`,
    );
  });
};
