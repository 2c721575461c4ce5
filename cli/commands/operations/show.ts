import type { OperationRecord } from '../../../control-plane/operation/history.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const operationsShow = defineCommand({
  name: 'show',
  description: 'one operation: its steps, attempts and error',
  arguments: ['<operation>'],
  view: async () => (await import('../../../control-plane/operation/views.js')).operationStepsView,
  run: async (context, _options, id) => {
    const { getOperation, listSteps } = await import('../../../control-plane/operation/history.js');
    await withRuntime(context, async ({ control }) => {
      const operation = await getOperation(control, id);
      const steps = await listSteps(control, operation.id);
      context.result({ ...operation, steps }, () => {
        const records = steps.map(({ step, attempt, begunAt, doneAt, undoneAt }) => [
          step,
          String(attempt),
          time(begunAt),
          time(doneAt),
          time(undoneAt),
        ]);
        const done = records.length > 0 ? table(['step', 'attempt', 'begun', 'done', 'undone'], records) : '';
        return `${describe(operation)}${done}${ways(operation)}`;
      });
    });
  },
});

const time = (at: Date | null): string => at?.toISOString() ?? '-';

const describe = (operation: OperationRecord): string =>
  table(
    ['', operation.id],
    [
      ['tenant', operation.slug],
      ['kind', operation.kind],
      ['state', operation.state],
      ['attempts', String(operation.attempt)],
      ['by', operation.who],
      ['through', operation.door],
      ['correlation', operation.correlationId ?? '-'],
      ['began', time(operation.startedAt)],
      ['last change', time(operation.updatedAt)],
      ['error', operation.errorCode ?? '-'],
    ],
  );

const ways = ({ id, state }: OperationRecord): string =>
  state === 'running' || state === 'failed'
    ? `to go on with it: ringfence operations resume ${id}\nto give it up:    ringfence operations abort ${id}\n`
    : '';
