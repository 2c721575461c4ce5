import { existsSync, renameSync } from 'node:fs';
import { relative } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import type { LoadedManifest } from '../../../manifest/index.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { findManifest, findRemovedManifest } from '../../manifests/find.js';
import { describeBackup } from '../../print/backup.js';
import { sayMended } from '../../print/mended.js';
import { describeSummary } from '../../print/summary.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';
import { progress } from '../../terminal/progress.js';

/** The tenant as its final backup has it, with its id and its key. */
export const tenantsRestoreRemoved = defineCommand({
  name: 'restore-removed',
  description: 'bring a removed tenant back: deployed again, with every row of its final backup',
  arguments: ['<slug>'],
  examples: ['ringfence tenants restore-removed clinica-sonrisa'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/provisioning/views.js')).broughtBackView,
  run: async (context, _options, slug) => {
    const { getRemovedTenant, restoreRemoved } = await import(
      '../../../control-plane/provisioning/restore-removed.js'
    );
    findManifest(context, slug);
    await withRuntime(context, async (runtime) => {
      const { backup } = await getRemovedTenant(runtime, slug);
      const from = backup ? `backup ${describeBackup(backup)}` : 'no backup, for it had no row';
      const path = findManifest(context, slug) ?? removedManifest(context, slug);
      await confirm(context, `Bring ${slug} back from ${from}?`);
      const manifest = await putBack(path);
      const report = progress(context, slug);
      const summary = await restoreRemoved(runtime, manifest, {
        onStep: report.step,
        onChange: report.change,
        onMended: (difference) => sayMended(context, 'the cell', difference),
      });
      report.done();
      context.result(
        { ...summary, manifest: manifest.path },
        () =>
          `${describeSummary(summary)}\n${slug} is back with every row of ${from}; its manifest is ${relative(context.terminal.cwd, manifest.path)}\n`,
      );
    });
  },
});

/** @throws RingfenceError `tenant_not_found`, naming the file. */
const removedManifest = (context: Context, slug: string): string => {
  const path = findRemovedManifest(context, slug);
  if (path) return path;
  throw new RingfenceError(
    'tenant_not_found',
    `the manifest of ${slug} is gone: there is neither tenants/${slug}.yaml.removed nor tenants/${slug}.yaml`,
    { fix: 'bring the file back from version control, or write one with the same clinics' },
  );
};

/** Under its own name again, unless it has mistakes. */
const putBack = async (path: string): Promise<LoadedManifest> => {
  const { loadManifest } = await import('../../../manifest/index.js');
  if (!path.endsWith('.removed')) return loadManifest(path);
  const restored = path.slice(0, -'.removed'.length);
  renameSync(path, restored);
  try {
    return await loadManifest(restored);
  } catch (error) {
    if (existsSync(restored)) renameSync(restored, path);
    throw error;
  }
};
