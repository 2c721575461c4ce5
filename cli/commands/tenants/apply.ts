import type { ApplyOutcome } from '../../../control-plane/provisioning/apply-all.js';
import type { appliedLineView, appliedView } from '../../../control-plane/provisioning/views.js';
import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { deployManifest } from '../../manifests/deploy-manifest.js';
import { allManifests, manifestOf } from '../../manifests/find.js';
import { printError } from '../../print/error.js';
import { sayMended } from '../../print/mended.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { describeSummary } from '../../print/summary.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';

export const tenantsApply = defineCommand({
  name: 'apply',
  description: 'deploy what a manifest says now',
  arguments: ['[slug]'],
  options: {
    all: { description: 'every manifest that changed; goes on where a killed run stopped' },
    refresh: { description: 'look at the real resources too, and put back what was changed by hand' },
    why: { value: '<words>', description: 'why, kept with the deployment' },
    allowReplace: {
      value: '<urn>',
      description: 'this data may be replaced or deleted; again for each',
      many: true,
      whenNone: 'no data may',
    },
    concurrency: { value: '<count>', description: 'how many at once', parse: parseCount, default: 2 },
  },
  examples: ['ringfence tenants apply clinica-sonrisa --yes', 'ringfence tenants apply --all --yes'],
  onWorker: {
    kind: 'tenants apply',
    gather: async (context, options, slug) => {
      if (slug !== undefined) return { manifests: [await manifestOf(context, slug)], args: [slug], options };
      if (options.all !== true) throw new RingfenceError('usage', 'name one tenant, or give --all');
      const { manifests, failures } = await allManifests(context);
      // Here is who can mend them.
      if (failures[0]) throw failures[0];
      return { manifests, args: [undefined], options };
    },
  },
  view: async () => (await import('../../../control-plane/provisioning/views.js')).appliedView,
  lines: async () => (await import('../../../control-plane/provisioning/views.js')).appliedLineView,
  run: async (context, options, slug) => {
    if ((slug === undefined) === (options.all !== true)) {
      throw new RingfenceError('usage', 'name one tenant, or give --all');
    }
    await (slug ? applyOne(context, slug, options) : applyEvery(context, options));
  },
});

type Applying = Context<typeof appliedView, typeof appliedLineView>;

interface Options {
  readonly concurrency: number;
  readonly refresh?: boolean | undefined;
  readonly why?: string | undefined;
  readonly allowReplace: readonly string[];
}

const applyOne = async (context: Applying, slug: string, options: Options): Promise<void> => {
  const manifest = await manifestOf(context, slug);
  await withRuntime(
    context,
    async (runtime) => {
      const question = `Deploy ${slug}?`;
      const summary = await deployManifest(context, runtime, manifest, { ...options, question });
      if (summary) context.result(summary, () => describeSummary(summary));
      else
        context.result(
          { slug, outcome: 'unaffected' },
          () => `${slug}: nothing changed since its last deployment\n`,
        );
    },
    { create: true },
  );
};

const applyEvery = async (
  context: Applying,
  { concurrency, refresh, why, allowReplace }: Options,
): Promise<void> => {
  const { applyAll } = await import('../../../control-plane/provisioning/apply-all.js');
  const { manifests, failures } = await allManifests(context);
  for (const failure of failures) printError(failure, { terminal: context.terminal, json: false });
  await confirm(context, `Deploy what changed in ${manifests.length} manifests?`);
  let cellFailure: RingfenceError | undefined;
  const outcomes = await withRuntime(
    context,
    async (runtime) => {
      await sayPassedOver(context, runtime);
      return applyAll(runtime, manifests, {
        concurrency,
        refresh,
        why,
        allowReplace,
        onOutcome: (outcome) => printOutcome(context, outcome),
        onMended: (cell, difference) => sayMended(context, cell, difference),
        onCellFailed: (_cell, error) => {
          cellFailure ??= error;
          printError(error, { terminal: context.terminal, json: false });
        },
      });
    },
    { create: true },
  );
  const count = (kind: ApplyOutcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === kind).length;
  const failed = count('failed') + failures.length;
  context.say(`${count('deployed')} deployed, ${count('unaffected')} unaffected, ${failed} failed`);
  const first = outcomes.find((outcome) => outcome.outcome === 'failed');
  if (first?.outcome === 'failed') context.exitWith(first.error.exitStatus);
  else if (cellFailure) context.exitWith(cellFailure.exitStatus);
  else if (failures[0]) context.exitWith(failures[0].exitStatus);
};

/** Prints each outcome as it comes; with --json as a line. */
const printOutcome = (context: Applying, outcome: ApplyOutcome): void => {
  const { slug } = outcome;
  context.line(outcome);
  if (outcome.outcome === 'failed') {
    if (!context.json) context.say(`${context.colors.red('✗')} ${slug}: ${outcome.error.message}`);
  } else if (!context.json && outcome.outcome === 'deployed')
    context.say(`${context.colors.green('✓')} ${slug}`);
};
