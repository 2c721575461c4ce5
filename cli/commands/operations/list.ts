import type { OperationState } from '../../../control-plane/operation/kinds.js';
import { defineCommand } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { findManifest } from '../../manifests/find.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';

const NONE = 'no operations\n';

const MARKS: Readonly<Record<OperationState, string>> = {
  running: '› running',
  failed: '✗ failed',
  done: '  done',
  aborted: '  aborted',
};

export const operationsList = defineCommand({
  name: 'list',
  description: 'every operation, newest first',
  options: {
    tenant: { value: '<slug>', description: 'of this tenant only' },
    limit: { value: '<count>', description: 'at most so many', parse: parseCount, default: 50 },
  },
  examples: ['ringfence operations list --tenant clinica-sonrisa'],
  view: async () => (await import('../../../control-plane/operation/views.js')).operationView.array(),
  run: async (context, { tenant, limit }) => {
    // For a slug that is none.
    if (tenant !== undefined) findManifest(context, tenant);
    if (await isFresh(context)) return context.result([], () => NONE);
    const { listOperations } = await import('../../../control-plane/operation/history.js');
    const operations = await withRuntime(context, ({ control }) =>
      listOperations(control, { slug: tenant, limit }),
    );
    context.result(operations, () =>
      operations.length === 0
        ? NONE
        : table(
            ['operation', 'tenant', 'kind', 'state', 'step', 'attempts', 'began', 'by', 'through', 'error'],
            operations.map(({ id, slug, kind, state, step, attempt, startedAt, who, door, errorCode }) => [
              id,
              slug,
              kind,
              MARKS[state],
              step,
              String(attempt),
              startedAt.toISOString(),
              who,
              door,
              errorCode ?? '-',
            ]),
          ),
    );
  },
});
