import type { ClinicSubscription } from '../../../data-plane/enrolment/subscriptions.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence subscriptions show <tenant>` */
export const subscriptionsShow = defineCommand({
  name: 'show',
  description: 'the subscription of every clinic of a tenant',
  arguments: ['<tenant>'],
  examples: ['ringfence subscriptions show clinica-sonrisa'],
  run: async (context, _options, slug) => {
    const { tenantSubscriptions } = await import(
      '../../../control-plane/subscriptions/tenant-subscriptions.js'
    );
    const found = await withRuntime(context, (runtime) => tenantSubscriptions(runtime, slug));
    context.result(found, () => printed(found));
  },
});

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
