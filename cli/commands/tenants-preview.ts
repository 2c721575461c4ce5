import { type PreviewOutcome, previewAll } from '../../control-plane/provisioning/preview-all.js';
import { EXIT_STATUS, RingfenceError } from '../../core/errors.js';
import type { Context } from '../context.js';
import { allManifests, manifestOf } from '../manifests.js';
import { printError } from '../print-error.js';
import { describePreview, hasChanges } from '../print-preview.js';
import { sayPassedOver } from '../say-passed-over.js';
import { withRuntime } from '../with-runtime.js';

interface Options {
  readonly all?: boolean;
  readonly concurrency: number;
  readonly refresh?: boolean;
  readonly expectNoChanges?: boolean;
}

/** `ringfence tenants preview [slug] [--all]` */
export const tenantsPreview = async (context: Context, options: Options, slug?: string): Promise<void> => {
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
  context.result(slug ? previews[0] : outcomes.map(asJson), () => previews.map(describePreview).join(''));
  const changed = previews.some(hasChanges);
  if (only) context.exitWith(only.error.exitStatus);
  else if (failures.length > 0) context.exitWith(EXIT_STATUS.manifest_invalid);
  else if (options.expectNoChanges && changed) context.exitWith(EXIT_STATUS.no_changes);
};

const asJson = (outcome: PreviewOutcome): unknown => {
  if (!('error' in outcome)) return outcome.preview;
  const { code, message, fix } = outcome.error;
  return { slug: outcome.slug, error: { code, message, fix } };
};
