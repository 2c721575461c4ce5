import { defineJob, type Job } from '../jobs/job.js';
import { checkCustomerKeys } from './check-customer-keys.js';

/** Each minute, so that a key that its customer closed is told of within it. */
const customerKeyCheck = defineJob({
  task: 'customer-key-check',
  schedules: [{ cron: '* * * * *', tries: 1 }],
  run: async ({ runtime, alert }) => {
    for (const { slug, state, hasChanged } of await checkCustomerKeys(runtime))
      if (hasChanged)
        await alert({
          kind: 'customer-key',
          text:
            state === 'closed'
              ? `the key that the customer of ${slug} holds is closed: nothing of that tenant opens`
              : `the key that the customer of ${slug} holds is open again`,
          detail: { tenant: slug, state },
        });
  },
});

export const KEY_JOBS: readonly Job[] = [customerKeyCheck];
