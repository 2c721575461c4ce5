import type { ErrorCode } from '../../../core/errors.js';
import type { RefusalReason } from './refusal.js';
import { refusalLanes } from './refusal-lanes.js';

/** One refused attempt. It holds ids only, nothing of the token and no data. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: RefusalReason;
  /** The clinic that was asked for; null when that was not a uuid. */
  readonly clinicId: string | null;
  /** Known once the token was verified. */
  readonly userId: string | null;
  readonly tenantId: string | null;
}

/** A refusal as the hook receives it. */
export interface ReportedRefusal extends Refusal {
  /** Refusals since the last report that were not reported, because too many were under way. */
  readonly unreported: number;
  /** Refusals since the last report that are not in an audit log: too many, or the database did not take them. */
  readonly unrecorded: number;
}

export type RefusalHook = (refusal: ReportedRefusal) => void | Promise<void>;

/** Calls the hook without waiting for it, as often at once as there are lanes; what the hook throws is its own. */
export const refusalReporter = (
  hook: RefusalHook | undefined,
  takeUnrecorded: () => number,
): ((refusal: Refusal) => void) => {
  const lanes = refusalLanes();
  let unreported = 0;
  return (refusal) => {
    if (!hook) return;
    const leave = lanes.enter(refusal.userId);
    if (!leave) {
      unreported++;
      return;
    }
    const report = { ...refusal, unreported, unrecorded: takeUnrecorded() };
    unreported = 0;
    void (async () => hook(report))()
      .catch(() => undefined)
      .finally(leave);
  };
};
