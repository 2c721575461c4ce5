import type { QuotaStatus } from '../../../control-plane/quotas/tenant-quotas.js';
import type { Quota } from '../../../manifest/quotas.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Each limit, what of it is used, and when it starts anew. */
export const quotasShow = defineCommand({
  name: 'show',
  description: 'each limit, what of it is used, when it is free again',
  arguments: ['<tenant>'],
  examples: ['ringfence quotas show clinica-sonrisa'],
  onWorker: { kind: 'quotas show' },
  view: async () => (await import('../../../control-plane/quotas/views.js')).quotaStatusView,
  run: async (context, _options, slug) => {
    const { QUOTAS } = await import('../../../manifest/quotas.js');
    const { quotaStatus } = await import('../../../control-plane/quotas/tenant-quotas.js');
    const status = await withRuntime(context, (runtime) => quotaStatus(runtime, slug));
    context.result(status, () => printed(QUOTAS, status));
  },
});

const printed = (
  quotas: Readonly<Record<keyof QuotaStatus['limits'], Quota>>,
  { limits, used }: QuotaStatus,
): string =>
  table(
    ['quota', 'limit', 'used', '', 'free again'],
    (Object.keys(quotas) as Array<keyof typeof limits>).map((name) => {
      const usage = (used as Partial<typeof limits>)[name];
      const share = usage === undefined ? '' : `${Math.round((100 * usage) / limits[name])} %`;
      return [
        name,
        String(limits[name]),
        usage === undefined ? '-' : String(usage),
        share,
        quotas[name].freeAgain,
      ];
    }),
  );
