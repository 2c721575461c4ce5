import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, yesOption } from '../../terminal/consent.js';

export const edgeDown = defineCommand({
  name: 'down',
  description: 'take the edge away from Cloudflare: its Worker, its hosts and certificates',
  arguments: ['[name]'],
  examples: ['ringfence edge down'],
  view: async () => (await import('../../../control-plane/edge/views.js')).edgeDownView,
  run: async (context, _options, given) => {
    const { onlyEdge, takeEdgeDown } = await import('../../../control-plane/edge/edge-down.js');
    const name = given ?? (await onlyEdge(context.project, context.terminal.env));
    await confirmByName(
      context,
      name,
      `This takes every host of edge ${name} off the internet.`,
      yesOption(context, name),
    );
    await withRuntime(context, (runtime) => takeEdgeDown(runtime, context.terminal.env, name));
    context.result({ removed: name }, () => `removed: edge ${name}\n`);
  },
});
