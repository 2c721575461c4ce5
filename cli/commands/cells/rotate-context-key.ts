import { defineCommand } from '../../command/define-command.js';
import { parseMinutes } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const cellsRotateContextKey = defineCommand({
  name: 'rotate-context-key',
  description: 'a new key for context tokens; the one before stays valid for a while',
  arguments: ['<name>'],
  options: {
    graceMinutes: {
      value: '<minutes>',
      description: 'how long the key before stays valid',
      parse: parseMinutes,
      default: 60,
    },
  },
  onWorker: { kind: 'cells rotate-context-key' },
  view: async () => (await import('../../../control-plane/cells/views.js')).contextKeyRotationView,
  run: async (context, { graceMinutes }, name) => {
    const { rotateContextKey } = await import('../../../control-plane/cells/rotate-cell.js');
    await confirm(context, `Give ${name} a new key for context tokens?`);
    const rotated = await withRuntime(context, (runtime) =>
      rotateContextKey(runtime, name, { graceMs: graceMinutes * 60_000 }),
    );
    context.result(rotated, () => {
      const until = rotated.earlierValidUntil?.toISOString();
      return `${name}: context key ${rotated.keyId}${until ? `; earlier ones are valid until ${until}` : ''}\n`;
    });
  },
});
