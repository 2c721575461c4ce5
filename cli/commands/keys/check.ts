import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const keysCheck = defineCommand({
  name: 'check',
  description: 'ask for the keys that customers hold: open or closed; the worker does so each minute',
  arguments: ['[tenant]'],
  onWorker: { kind: 'keys check' },
  view: async () => (await import('../../../control-plane/keys/views.js')).customerKeysView,
  run: async (context, _options, slug) => {
    const { checkCustomerKeys } = await import('../../../control-plane/keys/check-customer-keys.js');
    const states = await withRuntime(context, (runtime) => checkCustomerKeys(runtime, slug));
    context.result(states, () =>
      states.length === 0
        ? 'no customer holds a key of its own\n'
        : table(
            ['tenant', 'key', 'state', ''],
            states.map(({ slug: tenant, customerKey, state, problem }) => [
              tenant,
              customerKey,
              state,
              problem ?? '',
            ]),
          ),
    );
  },
});
