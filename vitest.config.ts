import { defineConfig } from 'vitest/config';

/** One a processor; Vitest itself would leave a processor free, which is half of a machine that has two. */
const maxWorkers = '100%';

/** What is waited for comes in a second on a machine of today; these are limits for what hangs, on one ten times slower. */
const expect = { poll: { timeout: 120_000 } };

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        test: { name: 'unit', include: ['test/**/*.unit.test.ts'], testTimeout: 200_000, expect, maxWorkers },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          globalSetup: ['test/support/postgres-server.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          expect,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          // They kill servers under writers, and try every state, for a long time: `npm run test:moves`.
          exclude:
            process.env.RINGFENCE_MOVES === undefined
              ? ['test/e2e/moves/**', 'test/control-plane/moves/model/**']
              : [],
          globalSetup: ['test/support/postgres-server.ts'],
          testTimeout: 2_400_000,
          hookTimeout: 2_400_000,
          expect,
          // As with e2e: they wait for engines and servers.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 2_400_000,
          hookTimeout: 2_400_000,
          expect,
          // Three at a time keep two cores busy: each waits for engines and servers a third of its time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
