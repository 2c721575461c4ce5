import { randomUUID } from 'node:crypto';
import { setFence } from '../../../data-plane/moves/fence.js';
import { takeOverCell } from '../../../data-plane/moves/move-run.js';
import { attempt } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { judgeRefusal } from '../judge.js';
import { ENTER, rolledBack, tokenFor } from '../stage.js';
import { atHome } from './placed.js';

/** Of Postgres, for what it does in no savepoint. */
const IN_SAVEPOINT = '25001';

/** What a savepoint takes back of entering, while something else stays. */
export const SAVEPOINTS: readonly SuiteCase[] = [
  {
    id: 'half-moved-clinic/savepoint/cursor',
    isolation: [11, 35],
    tried:
      'Entering in a savepoint to read through a cursor from before, which stays when the savepoint is taken back',
    expected: 'refused: no fence waits for a transaction that has given its lock back',
    run: (stage) =>
      rolledBack(stage.first, async () => {
        await stage.first.query('DECLARE kept CURSOR FOR SELECT name FROM clinical.services');
        await stage.first.query('SAVEPOINT before');
        return judgeRefusal(await attempt(stage.first, ENTER, [tokenFor(stage, stage.first, stage.a)]), [
          IN_SAVEPOINT,
        ]);
      }),
  },
  {
    id: 'half-moved-clinic/savepoint/reader',
    isolation: [35],
    tried: 'Entering a tenant whose fence is draining as a reader who is one in a savepoint alone',
    expected: 'refused: it could write later',
    run: async (stage) => {
      const { tenant, clinic } = await atHome(stage);
      const run = { tenantId: tenant.tenantId, moveId: randomUUID(), attempt: 2 };
      await takeOverCell(stage.admin, run);
      await setFence(stage.admin, run, 'draining');
      return rolledBack(stage.first, async () => {
        await stage.first.query('SAVEPOINT reading');
        await stage.first.query('SET TRANSACTION READ ONLY');
        return judgeRefusal(await attempt(stage.first, ENTER, [tokenFor(stage, stage.first, clinic)]), [
          IN_SAVEPOINT,
        ]);
      });
    },
  },
];
