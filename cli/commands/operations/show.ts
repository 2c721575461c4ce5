import type { Move } from '../../../control-plane/moves/store.js';
import type { OperationRecord } from '../../../control-plane/operation/history.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const operationsShow = defineCommand({
  name: 'show',
  description: 'one operation: its steps, attempts and error',
  arguments: ['<operation>'],
  view: async () => (await import('../../../control-plane/moves/views.js')).operationWithMoveView,
  run: async (context, _options, id) => {
    const { getOperation, listSteps } = await import('../../../control-plane/operation/history.js');
    const { moveOfOperation } = await import('../../../control-plane/moves/move-of-operation.js');
    await withRuntime(context, async (runtime) => {
      const { control } = runtime;
      const operation = await getOperation(control, id);
      const move = (await moveOfOperation(runtime, operation.id)) ?? null;
      const steps = await listSteps(control, operation.id);
      context.result({ ...operation, steps, move }, () => {
        const records = steps.map(({ step, attempt, begunAt, doneAt, undoneAt }) => [
          step,
          String(attempt),
          time(begunAt),
          time(doneAt),
          time(undoneAt),
        ]);
        const done = records.length > 0 ? table(['step', 'attempt', 'begun', 'done', 'undone'], records) : '';
        return `${describe(operation)}${done}${move ? moveState(move) : ''}${ways(operation)}`;
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

const moveState = ({ source, destination, state, windowEndsAt, report }: Move): string =>
  table(
    ['move', state],
    [
      ['from', source],
      ['to', destination],
      ['way back', windowEndsAt === null ? '-' : `until ${time(windowEndsAt)}`],
      ...(report.forgottenAt === undefined
        ? []
        : [[`in the history of ${source}`, `until ${report.forgottenAt}`]]),
    ],
  );

const ways = ({ id, state }: OperationRecord): string =>
  state === 'running' || state === 'failed'
    ? `to go on with it: ringfence operations resume ${id}\nto give it up:    ringfence operations abort ${id}\n`
    : '';
