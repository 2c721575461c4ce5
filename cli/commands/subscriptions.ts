import {
  setSubscription,
  tenantSubscriptions,
} from '../../control-plane/subscriptions/tenant-subscriptions.js';
import type { SubscriptionState } from '../../core/lifecycle.js';
import type { ClinicSubscription } from '../../data-plane/enrolment/subscriptions.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence subscriptions show <tenant>` */
export const subscriptionsShow = async (context: Context, _options: unknown, slug: string): Promise<void> => {
  const found = await withRuntime(context, (runtime) => tenantSubscriptions(runtime, slug));
  context.result(found, () => printed(found));
};

/** `ringfence subscriptions set <tenant> <status> [--clinic] [--until]` */
export const subscriptionsSet = async (
  context: Context,
  options: { clinic?: string; until?: Date },
  slug: string,
  status: SubscriptionState,
): Promise<void> => {
  const found = await withRuntime(context, (runtime) =>
    setSubscription(runtime, slug, {
      status,
      until: options.until ?? null,
      ...(options.clinic ? { clinic: options.clinic } : {}),
    }),
  );
  context.result(found, () => printed(found));
};

const printed = (subscriptions: readonly ClinicSubscription[]): string =>
  table(
    ['clinic', 'subscription', 'plan', 'until', 'writes until', 'reads until'],
    subscriptions.map(({ clinic, status, plan, until, writableUntil, readableUntil }) => [
      clinic,
      status,
      plan ?? '-',
      until?.toISOString() ?? '-',
      limit(writableUntil),
      limit(readableUntil),
    ]),
  );

const limit = (until: Date | null): string =>
  until === null ? 'no end' : until.getTime() === 0 ? 'no longer' : until.toISOString();
