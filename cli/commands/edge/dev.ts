import { defineCommand } from '../../command/define-command.js';
import { parsePort } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

const DEFAULT_PORT = 8787;

/** Until SIGTERM or Ctrl-C. */
export const edgeDev = defineCommand({
  name: 'dev',
  description: 'run the edge on this machine, in the runtime of Cloudflare, until it is ended',
  options: {
    port: { value: '<port>', description: 'on 127.0.0.1', parse: parsePort, default: DEFAULT_PORT },
    origin: { value: '<url>', description: 'send every request there, not to the origins of the cells' },
  },
  note: 'Jurisdictions exist on the real platform only; the edge of this machine counts from zero at every start.',
  examples: ['ringfence edge dev --origin http://127.0.0.1:3000'],
  lines: async () => (await import('../../../control-plane/edge/views.js')).localEdgeView,
  run: async (context, { port, origin }) => {
    const { readEdgeDocument } = await import('../../../control-plane/edge/edge-document.js');
    const { runLocalEdge } = await import('../../../control-plane/edge/run-local-edge.js');
    const ended = new AbortController();
    const document = await withRuntime(context, readEdgeDocument);
    for (const { tenant, reason } of document.closed) context.say(`closed: ${tenant}: ${reason}`);
    await runLocalEdge(document, {
      port,
      origin,
      signal: ended.signal,
      onOpen: ({ url, operatorKey }) => {
        // The runtime's own listeners, and the CLI's, would end the process before the edge is closed.
        for (const signal of ['SIGINT', 'SIGTERM'])
          process.removeAllListeners(signal).once(signal, () => ended.abort());
        const { operatorHost } = document;
        const tenants = document.tenants.map(({ tenant }) => tenant);
        context.line({ url: url.href, operatorHost, operatorKey, tenants });
        for (const tenant of tenants) context.say(`http://${tenant}.localhost:${url.port}`);
        context.say(
          `reports: curl -H 'Host: ${operatorHost}' -H 'Authorization: Bearer ${operatorKey}' ${url}reports/<host>`,
        );
        context.say('end with Ctrl-C');
      },
    });
    context.say('ended');
  },
});
