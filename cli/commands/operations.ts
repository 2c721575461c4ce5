import {
  getOperation,
  listOperations,
  listSteps,
  type OperationRecord,
} from '../../control-plane/operation/history.js';
import type { OperationState } from '../../control-plane/operation/kinds.js';
import type { Context } from '../context.js';
import { findManifest } from '../manifests.js';
import { table } from '../print.js';
import { isFresh, withRuntime } from '../with-runtime.js';

const NONE = 'no operations\n';

const MARKS: Readonly<Record<OperationState, string>> = {
  running: '› running',
  failed: '✗ failed',
  done: '  done',
  aborted: '  aborted',
};

const time = (at: Date | null): string => at?.toISOString() ?? '-';

/** `ringfence operations list [--tenant <slug>] [--limit <count>]` */
export const operationsList = async (
  context: Context,
  { tenant, limit }: { readonly tenant?: string; readonly limit: number },
): Promise<void> => {
  // For a slug that is none.
  if (tenant !== undefined) findManifest(context, tenant);
  if (await isFresh(context)) return context.result([], () => NONE);
  const operations = await withRuntime(context, ({ control }) =>
    listOperations(control, { slug: tenant, limit }),
  );
  context.result(operations, () =>
    operations.length === 0
      ? NONE
      : table(
          ['operation', 'tenant', 'kind', 'state', 'step', 'attempts', 'began', 'error'],
          operations.map(({ id, slug, kind, state, step, attempt, startedAt, errorCode }) => [
            id,
            slug,
            kind,
            MARKS[state],
            step,
            String(attempt),
            time(startedAt),
            errorCode ?? '-',
          ]),
        ),
  );
};

/** `ringfence operations show <operation>` */
export const operationsShow = async (context: Context, _options: unknown, id: string): Promise<void> => {
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
};

const describe = (operation: OperationRecord): string =>
  table(
    ['', operation.id],
    [
      ['tenant', operation.slug],
      ['kind', operation.kind],
      ['state', operation.state],
      ['attempts', String(operation.attempt)],
      ['began', time(operation.startedAt)],
      ['last change', time(operation.updatedAt)],
      ['error', operation.errorCode ?? '-'],
    ],
  );

const ways = ({ id, state }: OperationRecord): string =>
  state === 'running' || state === 'failed'
    ? `to go on with it: ringfence operations resume ${id}\nto give it up:    ringfence operations abort ${id}\n`
    : '';
