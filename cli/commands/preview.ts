import type { PreviewReport } from '../../control-plane/previews/preview-all.js';
import type { previewReportView } from '../../control-plane/previews/views.js';
import { EXIT_STATUS, RingfenceError } from '../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../command/define-command.js';
import { parseCount } from '../command/option-values.js';
import { defineOptions, type OptionValues } from '../command/options.js';
import { allManifests, findManifest, manifestOf } from '../manifests/find.js';
import { printError } from '../print/error.js';
import { sayPassedOver } from '../print/passed-over.js';
import { hasChanges } from '../print/preview.js';
import { describeReport } from '../print/preview-report.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

export const previewOptions = defineOptions({
  all: { description: 'every manifest; unaffected ones are not run' },
  since: { value: '<ref>', description: 'every manifest, and what differs from where git’s <ref> was left' },
  why: { description: 'name what differs, by tenant' },
  concurrency: { value: '<count>', description: 'how many at once', parse: parseCount, default: 2 },
  refresh: { description: 'look at the real resources too: shows drift' },
  expectNoChanges: { description: 'exit with 7 when something would change' },
});

const tenantOption = defineOptions({
  tenant: {
    value: '<slug>',
    description: 'this tenant; again for each',
    many: true,
    whenNone: 'all of them',
  },
});

export const preview = defineCommand({
  name: 'preview',
  description: 'what deploying would change',
  options: { ...previewOptions, ...tenantOption },
  examples: ['ringfence preview --since origin/main --why', 'ringfence preview --all'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../control-plane/previews/views.js')).previewReportView,
  run: async (context, options) => runPreview(context, options.tenant, options),
});

type Options = OptionValues<typeof previewOptions>;

/** Previews the tenants that are named, or all. */
export const runPreview = async (
  context: Context<typeof previewReportView>,
  slugs: readonly string[],
  options: Options,
): Promise<void> => {
  if (slugs.length > 0 ? options.all === true : options.all !== true && options.since === undefined) {
    throw new RingfenceError('usage', 'name one tenant, or give --all', {
      fix: 'with --since, --all can be left out, and tenants can be named too',
    });
  }
  const { previewAll } = await import('../../control-plane/previews/preview-all.js');
  const request = await gather(context, slugs, options.since);
  for (const failure of request.failures) printError(failure, { terminal: context.terminal, json: false });
  const { concurrency, refresh = false } = options;
  const report = await withRuntime(
    context,
    async (runtime) => {
      if (slugs.length === 0) await sayPassedOver(context, runtime);
      return previewAll(runtime, request, { concurrency, refresh });
    },
    { create: true },
  );
  const failed = report.tenants.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
  const [only] = failed;
  if (only && report.tenants.length === 1 && slugs.length === 1) throw only.error;
  for (const { slug, error } of failed) {
    context.say(`${slug}:`);
    printError(error, { terminal: context.terminal, json: false });
  }
  context.result(report, () =>
    describeReport(report, { isNamed: slugs.length > 0, why: options.why === true }),
  );
  const status = await exitStatusOf(report, { expectNoChanges: options.expectNoChanges === true });
  if (status !== 0) context.exitWith(status);
};

/** Of what went wrong first, else of what the policies say. */
const exitStatusOf = async (
  { tenants, failures }: PreviewReport,
  options: { readonly expectNoChanges: boolean },
): Promise<number> => {
  const { outcomeOf } = await import('../../control-plane/policies/outcome.js');
  const [failed] = [
    ...tenants.flatMap((outcome) => ('error' in outcome ? [outcome.error] : [])),
    ...failures,
  ];
  if (failed) return failed.exitStatus;
  const previews = tenants.flatMap((outcome) => ('preview' in outcome ? [outcome.preview] : []));
  if (previews.some(({ judgements }) => outcomeOf(judgements) === 'violated'))
    return EXIT_STATUS.policy_violated;
  return options.expectNoChanges && previews.some(hasChanges) ? EXIT_STATUS.no_changes : 0;
};

/** The manifests to preview. With a base, what it does not have so is looked at before any manifest is opened. */
const gather = async (
  context: Context<typeof previewReportView>,
  slugs: readonly string[],
  since: string | undefined,
) => {
  if (since === undefined && slugs.length > 0) {
    const manifests = [];
    for (const slug of slugs) manifests.push(await manifestOf(context, slug));
    return { manifests, failures: [] };
  }
  const base = since === undefined ? undefined : await openBaseOf(context, since);
  for (const slug of slugs) if (!findManifest(context, slug)) await manifestOf(context, slug);
  const { manifests, failures } = await allManifests(context, base && new Set(base.untrusted.keys()));
  return { manifests, failures, base, ...(slugs.length > 0 ? { slugs: new Set(slugs) } : {}) };
};

const openBaseOf = async (context: Context<typeof previewReportView>, since: string) => {
  const { openBase } = await import('../../control-plane/previews/base/open-base.js');
  return openBase(context.project.root, context.terminal.env, since, { now: new Date() });
};
