import type { QuotaStatus } from '../../../control-plane/quotas/tenant-quotas.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

const STARTS_ANEW: Readonly<Record<keyof QuotaStatus['limits'], string>> = {
  connections: 'as they close',
  statementTimeoutMs: 'each statement',
  storageBytes: 'by deleting',
  rows: 'by deleting',
  requestsPerMinute: 'each minute',
  concurrentUsers: '5 minutes after their last request',
  computeSecondsPerDay: 'each day (UTC)',
  monthlyCostCapEur: 'each month (UTC)',
};

/** Each limit, what of it is used, and when it starts anew. */
export const quotasShow = defineCommand({
  name: 'show',
  description: 'each limit, what of it is used, when it is free again',
  arguments: ['<tenant>'],
  examples: ['ringfence quotas show clinica-sonrisa'],
  view: async () => (await import('../../../control-plane/quotas/views.js')).quotaStatusView,
  run: async (context, _options, slug) => {
    const { quotaStatus } = await import('../../../control-plane/quotas/tenant-quotas.js');
    const status = await withRuntime(context, (runtime) => quotaStatus(runtime, slug));
    context.result(status, () => printed(status));
  },
});

const printed = ({ limits, used }: QuotaStatus): string =>
  table(
    ['quota', 'limit', 'used', '', 'free again'],
    (Object.keys(STARTS_ANEW) as Array<keyof typeof limits>).map((name) => {
      const usage = name === 'statementTimeoutMs' ? undefined : used[name];
      const share = usage === undefined ? '' : `${Math.round((100 * usage) / limits[name])} %`;
      return [
        name,
        String(limits[name]),
        usage === undefined ? '-' : String(usage),
        share,
        STARTS_ANEW[name],
      ];
    }),
  );
