import { type QuotaStatus, quotaStatus } from '../../control-plane/quotas/tenant-quotas.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence quotas show <tenant>`: each limit, what of it is used, and when it starts anew. */
export const quotasShow = async (context: Context, _options: unknown, slug: string): Promise<void> => {
  const status = await withRuntime(context, (runtime) => quotaStatus(runtime, slug));
  context.result(status, () => printed(status));
};

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
