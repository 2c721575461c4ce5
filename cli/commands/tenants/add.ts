import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import type { LoadedManifest } from '../../../manifest/index.js';
import { defineCommand } from '../../command/define-command.js';
import { defineOptions, type OptionValues } from '../../command/options.js';
import { findManifest, manifestsDir } from '../../manifests/find.js';
import { sayMended } from '../../print/mended.js';
import { describePreview } from '../../print/preview.js';
import { describeSummary } from '../../print/summary.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';
import { progress } from '../../terminal/progress.js';

const options = defineOptions({
  file: { short: 'f', value: '<manifest>', description: 'take this manifest (YAML or TypeScript)' },
  legalName: { value: '<name>', description: 'the legal entity' },
  type: { value: '<type>', choices: ['solo', 'multi-branch', 'hospital'] },
  tier: { value: '<tier>', choices: ['shared', 'dedicated'] },
  plan: { value: '<plan>', choices: ['starter', 'growth', 'pro', 'enterprise'] },
  region: { value: '<region>', description: 'AWS region' },
  residency: { value: '<residency>', description: 'eu, a country, or any' },
  cell: { value: '<cell>', description: 'an existing cell instead of a region' },
  vertical: { value: '<vertical>', description: 'dental, aesthetic, psychology, ...' },
  clinic: { value: '<name>', description: 'name of a clinic; again for each branch', many: true },
  domain: { value: '<domain>', description: 'host name of the tenant' },
  adminName: { value: '<name>', description: 'first user' },
  adminEmail: { value: '<email>', description: 'first user' },
  why: { value: '<words>', description: 'why, kept with the deployment' },
  skipPreview: { description: 'do not show first what would be made; saves a quarter of the time' },
});

type Options = OptionValues<typeof options>;

/** Manifest, preview, question, deployment, proof, verified backup. */
export const tenantsAdd = defineCommand({
  name: 'add',
  description: 'onboard a clinic: manifest, preview, deploy, proof of isolation, verified backup',
  arguments: ['[slug]'],
  options,
  examples: ['ringfence tenants add -f tenants/clinica-sonrisa.yaml --yes', 'ringfence tenants add'],
  onWorker: {
    kind: 'tenants add',
    gather: async (context, options, slug) => {
      const manifest = await obtainManifest(context, options, slug);
      const { why, skipPreview } = options;
      return {
        manifests: [manifest],
        args: [manifest.tenant.slug],
        options: { clinic: [], ...(why ? { why } : {}), ...(skipPreview ? { skipPreview } : {}) },
      };
    },
  },
  view: async () => (await import('../../../control-plane/provisioning/views.js')).addedView,
  run: async (context, options, slug) => {
    const { deployTenant } = await import('../../../control-plane/provisioning/deploy-tenant.js');
    const { refuseViolations } = await import('../../../control-plane/policies/refuse.js');
    const { previewTenant } = await import('../../../control-plane/previews/preview-tenant.js');
    const { stateOf } = await import('../../../control-plane/tenants/state-of.js');
    const manifest = context.manifests?.[0] ?? (await obtainManifest(context, options, slug));
    await withRuntime(
      context,
      async (runtime) => {
        context.say(`manifest ${relative(context.terminal.cwd, manifest.path)}`);
        if ((await stateOf(runtime, manifest.tenant.slug)) === 'removed')
          context.say(
            `${manifest.tenant.slug} was removed, and this deploys it empty; with its rows: ringfence tenants restore-removed ${manifest.tenant.slug}`,
          );
        if (!options.skipPreview) {
          const preview = await previewTenant(runtime, manifest);
          context.say(describePreview(preview).trimEnd());
          refuseViolations(preview.judgements);
        }
        await confirm(context, `Deploy ${manifest.tenant.slug}?`);
        const report = progress(context, manifest.tenant.slug);
        const summary = await deployTenant(runtime, manifest, {
          kind: 'add',
          why: options.why,
          onStep: report.step,
          onChange: report.change,
          onMended: (difference) => sayMended(context, 'the cell', difference),
        });
        report.done();
        context.result({ ...summary, manifest: manifest.path }, () => describeSummary(summary));
      },
      { create: true },
    );
  },
});

/** Keeps a given file among the project's manifests, or reads that of a known slug; otherwise flags or the wizard write one. */
const obtainManifest = async (context: Context, options: Options, slug?: string): Promise<LoadedManifest> => {
  const { loadManifest, writeManifest } = await import('../../../manifest/index.js');
  const { adoptFile } = await import('../../manifests/adopt-file.js');
  const { requireComplete, tenantFromFlags } = await import('../../manifests/tenant-from-flags.js');
  if (options.file !== undefined) return adoptFile(context, options.file);
  const known = slug === undefined ? undefined : findManifest(context, slug);
  if (known) return loadManifest(known);
  const partial = tenantFromFlags(slug, options);
  const input =
    context.interactive && !context.yes
      ? await (await import('../../wizard/ask-tenant.js')).askTenant(context, partial)
      : requireComplete(partial);
  mkdirSync(manifestsDir(context), { recursive: true });
  return loadManifest(await writeManifest(manifestsDir(context), input));
};
