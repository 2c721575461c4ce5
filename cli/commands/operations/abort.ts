import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const operationsAbort = defineCommand({
  name: 'abort',
  description: 'give one up that was killed or failed, and undo what it did, while that can be undone',
  arguments: ['<operation>'],
  onWorker: { kind: 'operations abort' },
  view: async () => (await import('../../../control-plane/operation/views.js')).abortedOperationView,
  run: async (context, _options, id) => {
    const { abortOperation } = await import('../../../control-plane/unfinished/abort-operation.js');
    const { getUnfinished } = await import('../../../control-plane/unfinished/get-unfinished.js');
    await withRuntime(context, async (runtime) => {
      const { kind, slug } = await getUnfinished(runtime, id);
      await confirm(context, `Give up the ${kind} of ${slug}, and undo what it did?`);
      const operation = await abortOperation(runtime, id);
      const { undone } = operation;
      context.result(
        operation,
        () =>
          `the ${kind} of ${slug} is given up; ${undone.length > 0 ? `undone: ${undone.join(', ')}` : 'it had done nothing yet'}\n`,
      );
    });
  },
});
