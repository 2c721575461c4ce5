import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { deployTenant } from '../../control-plane/deployments/deploy-tenant.js';
import { previewTenant } from '../../control-plane/deployments/preview-tenant.js';
import { findTenant } from '../../control-plane/tenants/store.js';
import { type LoadedManifest, loadManifest, writeManifest } from '../../manifest/index.js';
import { adoptFile } from '../manifests/adopt-file.js';
import { findManifest, manifestsDir } from '../manifests/find.js';
import { requireComplete, type TenantFlags, tenantFromFlags } from '../manifests/tenant-from-flags.js';
import { sayMended } from '../print/mended.js';
import { describePreview } from '../print/preview.js';
import { describeSummary } from '../print/summary.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';
import { progress } from '../terminal/progress.js';

interface Options extends TenantFlags {
  readonly file?: string;
  readonly skipPreview?: boolean;
}

/** `ringfence tenants add [slug]`: manifest, preview, question, deployment, proof, verified backup. */
export const tenantsAdd = async (context: Context, options: Options, slug?: string): Promise<void> => {
  const manifest = await obtainManifest(context, options, slug);
  await withRuntime(
    context,
    async (runtime) => {
      context.say(`manifest ${relative(context.terminal.cwd, manifest.path)}`);
      if ((await findTenant(runtime.control, manifest.tenant.slug))?.state === 'removed')
        context.say(
          `${manifest.tenant.slug} was removed, and this deploys it empty; with its rows: ringfence tenants restore-removed ${manifest.tenant.slug}`,
        );
      if (!options.skipPreview)
        context.say(describePreview(await previewTenant(runtime, manifest)).trimEnd());
      await confirm(context, `Deploy ${manifest.tenant.slug}?`);
      const report = progress(context, manifest.tenant.slug);
      const summary = await deployTenant(runtime, manifest, {
        kind: 'add',
        onStep: report.step,
        onChange: report.change,
        onMended: (difference) => sayMended(context, 'the cell', difference),
      });
      report.done();
      context.result({ ...summary, manifest: manifest.path }, () => describeSummary(summary));
    },
    { create: true },
  );
};

/** A given file is kept among the project's manifests; a known slug is read; else flags or the wizard write one. */
const obtainManifest = async (context: Context, options: Options, slug?: string): Promise<LoadedManifest> => {
  if (options.file !== undefined) return adoptFile(context, options.file);
  const known = slug === undefined ? undefined : findManifest(context, slug);
  if (known) return loadManifest(known);
  const partial = tenantFromFlags(slug, options);
  const input =
    context.interactive && !context.yes
      ? await (await import('../wizard/ask-tenant.js')).askTenant(context, partial)
      : requireComplete(partial);
  mkdirSync(manifestsDir(context), { recursive: true });
  return loadManifest(await writeManifest(manifestsDir(context), input));
};
