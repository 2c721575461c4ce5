import type { OperationKind } from '../../../control-plane/operation/kinds.js';
import { defineCommand } from '../../command/define-command.js';
import { manifestOf, putAwayManifest } from '../../manifests/find.js';
import { writePlace } from '../../moves/run-move.js';
import { sayMended } from '../../print/mended.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, yesOption } from '../../terminal/consent.js';
import { progress } from '../../terminal/progress.js';

/** Kinds that delete rows. */
const DELETING: readonly OperationKind[] = ['remove', 'erase'];

export const operationsResume = defineCommand({
  name: 'resume',
  description: 'go on with one that was killed or failed, from its first step on',
  arguments: ['<operation>'],
  options: {
    confirm: { value: '<tenant>', description: 'for what deletes: the name that a person would type' },
  },
  examples: ['ringfence operations resume 3f0c2a1b --yes'],
  onWorker: { kind: 'operations resume' },
  view: async () => (await import('../../../control-plane/operation/views.js')).resumedOperationView,
  run: async (context, options, id) => {
    const { getUnfinished } = await import('../../../control-plane/unfinished/get-unfinished.js');
    const { resumeOperation } = await import('../../../control-plane/unfinished/resume-operation.js');
    await withRuntime(context, async (runtime) => {
      const { kind, slug } = await getUnfinished(runtime, id);
      const question = `Go on with the ${kind} of ${slug}?`;
      if (DELETING.includes(kind))
        await confirmByName(context, slug, question, yesOption(context, slug, options.confirm));
      else await confirm(context, question);
      const report = progress(context, slug);
      const operation = await resumeOperation(runtime, id, {
        manifestOf: (of) => manifestOf(context, of),
        onStep: report.step,
        onChange: report.change,
        onMended: (difference) => sayMended(context, 'the cell', difference),
      });
      report.done();
      if (kind === 'remove') putAwayManifest(context, slug);
      if (kind === 'move' || kind === 'rollback-move') await writePlace(context, slug, runtime);
      context.result(
        { id: operation.id, kind, slug, resumed: true },
        () => `the ${kind} of ${slug} is done\n`,
      );
    });
  },
});
