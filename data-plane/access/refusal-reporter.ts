import type { ErrorCode } from '../../tenants/errors.js';
import type { RefusalReason } from './refusal.js';

/** One refused attempt. It holds ids only, nothing of the token and no data. */
export interface ReportedRefusal {
  readonly code: ErrorCode;
  readonly reason: RefusalReason;
  /** The clinic that was asked for; null when that was not a uuid. */
  readonly clinicId: string | null;
  /** Known once the token was verified. */
  readonly userId: string | null;
  readonly tenantId: string | null;
  /** Refusals since the last report that were not reported, because too many were under way. */
  readonly unreported: number;
}

export type RefusalHook = (refusal: ReportedRefusal) => void | Promise<void>;

const AT_ONCE = 100;

/** Calls the hook without waiting for it, at most 100 times at once; what the hook throws is its own. */
export const refusalReporter = (
  hook: RefusalHook | undefined,
): ((refusal: Omit<ReportedRefusal, 'unreported'>) => void) => {
  let running = 0;
  let unreported = 0;
  return (refusal) => {
    if (!hook) return;
    if (running >= AT_ONCE) {
      unreported++;
      return;
    }
    running++;
    const report = { ...refusal, unreported };
    unreported = 0;
    void (async () => hook(report))()
      .catch(() => undefined)
      .finally(() => {
        running--;
      });
  };
};
