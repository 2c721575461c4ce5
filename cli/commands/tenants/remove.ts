import { defineCommand } from '../../command/define-command.js';
import { findManifest, putAwayManifest } from '../../manifests/find.js';
import { describeBackup } from '../../print/backup.js';
import { sayRows } from '../../print/rows.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

export const tenantsRemove = defineCommand({
  name: 'remove',
  description: 'take a tenant out of its cell, after a last backup; key and backups stay',
  arguments: ['<slug>'],
  options: {
    confirm: { value: '<slug>', description: 'the name that a person would type' },
  },
  examples: ['ringfence tenants remove clinica-sonrisa'],
  onWorker: { kind: 'tenants remove' },
  view: async () => (await import('../../../control-plane/removal/views.js')).removedView,
  run: async (context, options, slug) => {
    const { planRemoval } = await import('../../../control-plane/removal/plan-removal.js');
    const { removeTenant } = await import('../../../control-plane/removal/remove-tenant.js');
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
        onStep: report.step,
      });
      report.done();
      const kept = putAwayManifest(context, slug);
      const result = {
        slug,
        tenantId: tenant.id,
        removed: true as const,
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
  },
});
