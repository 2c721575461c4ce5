import type { ClinicSubscription } from '../../data-plane/enrolment/subscriptions.js';
import { table } from './table.js';

/** Subscriptions, a clinic a line. */
export const describeSubscriptions = (subscriptions: readonly ClinicSubscription[]): string =>
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
