import type { EdgeDocument } from '../../../targets/edge/document/edge-document.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const edgeConfig = defineCommand({
  name: 'config',
  description:
    'what the edge is configured with: hosts, origins, limits, jurisdictions; who is closed, and why',
  examples: ['ringfence edge config --json'],
  view: async () => (await import('../../../control-plane/edge/views.js')).edgeConfigView,
  run: async (context) => {
    const { readEdgeDocument } = await import('../../../control-plane/edge/edge-document.js');
    const document = await withRuntime(context, readEdgeDocument);
    context.result(document, () => page(document));
  },
});

const page = ({ operatorHost, tenants, closed }: EdgeDocument): string =>
  [
    table(
      ['tenant', 'hosts', 'origin', 'jurisdiction', 'req/s', 'burst', 'req/min', 'users', 'EUR/day'],
      tenants.map(({ tenant, hosts, origin, jurisdiction, limits }) => [
        tenant,
        hosts.join('\n'),
        origin,
        jurisdiction ?? '-',
        String(limits.requestsPerSecond),
        String(limits.burst),
        String(limits.requestsPerMinute),
        String(limits.concurrentUsers),
        String(limits.dailyCostCapMicroEur / 1_000_000),
      ]),
    ),
    `reports: https://${operatorHost}/reports/<host>\n`,
    ...closed.map(({ tenant, reason }) => `closed: ${tenant}: ${reason}\n`),
  ].join('');
