import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { allManifests, manifestOf } from '../../manifests/find.js';
import { printError } from '../../print/error.js';
import { sayPassedOver } from '../../print/passed-over.js';
import { describePreview, hasChanges } from '../../print/preview.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const tenantsPreview = defineCommand({
  name: 'preview',
  description: 'what deploying would change',
  arguments: ['[slug]'],
  options: {
    all: { description: 'every manifest; unaffected ones are not run' },
    concurrency: { value: '<count>', description: 'how many at once', parse: parseCount, default: 2 },
    refresh: { description: 'look at the real resources too: shows drift' },
    expectNoChanges: { description: 'exit with 7 when something would change' },
  },
  examples: ['ringfence tenants preview --all'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/provisioning/views.js')).previewsView,
  run: async (context, options, slug) => {
    const { previewAll } = await import('../../../control-plane/provisioning/preview-all.js');
    const { outcomeOf } = await import('../../../control-plane/policies/outcome.js');
    if ((slug === undefined) === (options.all !== true)) {
      throw new RingfenceError('usage', 'name one tenant, or give --all');
    }
    const { manifests, failures } = slug
      ? { manifests: [await manifestOf(context, slug)], failures: [] }
      : await allManifests(context);
    for (const failure of failures) printError(failure, { terminal: context.terminal, json: false });
    const { concurrency, refresh = false } = options;
    const outcomes = await withRuntime(
      context,
      async (runtime) => {
        if (!slug) await sayPassedOver(context, runtime);
        return previewAll(runtime, manifests, { concurrency, refresh });
      },
      { create: true },
    );
    const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
    const [only] = failed;
    if (slug && only) throw only.error;
    for (const { slug: name, error } of failed) {
      context.say(`${name}:`);
      printError(error, { terminal: context.terminal, json: false });
    }
    const previews = outcomes.flatMap((outcome) => ('error' in outcome ? [] : [outcome.preview]));
    const [one] = previews;
    const all = outcomes.map((outcome) => ('error' in outcome ? outcome : outcome.preview));
    context.result(slug && one ? one : all, () => previews.map(describePreview).join(''));
    const changed = previews.some(hasChanges);
    const violated = previews.some(({ judgements }) => outcomeOf(judgements) === 'violated');
    if (only) context.exitWith(only.error.exitStatus);
    else if (failures.length > 0) context.exitWith(EXIT_STATUS.manifest_invalid);
    else if (violated) context.exitWith(EXIT_STATUS.policy_violated);
    else if (options.expectNoChanges && changed) context.exitWith(EXIT_STATUS.no_changes);
  },
});
