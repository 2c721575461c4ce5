import { HOLD_KINDS } from '../../../core/lifecycle.js';
import { defineCommand } from '../../command/define-command.js';
import { parseReason, parseTime } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const holdsAdd = defineCommand({
  name: 'add',
  description: 'keep a tenant from being erased',
  arguments: ['<tenant>'],
  options: {
    reason: {
      value: '<text>',
      description: 'why; the refused erasure names it',
      parse: parseReason,
      required: true,
    },
    until: { value: '<time>', description: 'when it ends by itself (ISO 8601)', parse: parseTime },
    kind: { value: '<kind>', description: 'what it is', choices: HOLD_KINDS, default: 'legal-hold' },
  },
  view: async () => (await import('../../../control-plane/holds/views.js')).holdView,
  run: async (context, options, slug) => {
    const { holdTenant } = await import('../../../control-plane/holds/tenant-holds.js');
    const { reason, until = null, kind } = options;
    const hold = await withRuntime(context, (runtime) => holdTenant(runtime, slug, { reason, until, kind }));
    const end = until ? `until ${until.toISOString()}` : 'until it is released';
    context.result(hold, () => `${hold.id}: ${slug} is not erased ${end}\n`);
  },
});
