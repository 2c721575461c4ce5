import { randomUUID } from 'node:crypto';
import { inTransaction, withConnection } from '../../../data-plane/database/connect.js';
import type { Fence } from '../../../data-plane/enrolment/enrolment.js';
import { setTenantState } from '../../../data-plane/enrolment/tenant-state.js';
import { drain, setFence } from '../../../data-plane/moves/fence.js';
import { type MoveRun, setMoveWork, takeOverCell } from '../../../data-plane/moves/move-run.js';
import { type Attempted, attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { ENTER, enter, rolledBack, type Stage, tokenFor } from '../stage.js';
import { atHome, type Placed } from './placed.js';

const MOVING = 'RF008';
const WRITE = `INSERT INTO clinical.services (name, duration_minutes) VALUES ('moved', 30)`;

/** A throw-away tenant in a move; the cell is the one that it moves from. */
const onTheMove = async (stage: Stage): Promise<{ readonly placed: Placed; readonly run: MoveRun }> => {
  const placed = await atHome(stage);
  const run = { tenantId: placed.tenant.tenantId, moveId: randomUUID(), attempt: 2 };
  await takeOverCell(stage.admin, run);
  return { placed, run };
};

const fenced = async (stage: Stage, run: MoveRun, fence: Fence, epoch?: number): Promise<void> =>
  setFence(stage.admin, run, fence, epoch);

/** Enters and writes in one transaction that is taken back. */
const tryToWrite = (stage: Stage, { clinic }: Placed, readOnly = false): Promise<Attempted> =>
  rolledBack(stage.first, async () => {
    if (readOnly) await stage.first.query('SET TRANSACTION READ ONLY');
    // Not in a savepoint: whoever is a reader there alone is refused.
    const refused = await enter(stage, stage.first, clinic).then(
      () => undefined,
      (error: Error & { code: string }) => ({ sqlstate: error.code, error }),
    );
    if (refused) return refused;
    return readOnly ? attempt(stage.first, 'SELECT FROM clinical.services') : attempt(stage.first, WRITE);
  });

/** What each fence lets in. */
const admission = (fence: Fence, reads: 'let in' | 'refused'): SuiteCase => ({
  id: `half-moved-clinic/fence/${fence}`,
  isolation: [35],
  tried: `Entering a tenant whose fence is ${fence}, with a valid token, to write and to read`,
  expected: `who writes is refused, who reads is ${reads}, and both are let in when it is open again`,
  run: async (stage) => {
    const { placed, run } = await onTheMove(stage);
    await fenced(stage, run, fence);
    const written = await tryToWrite(stage, placed);
    if (written.sqlstate !== MOVING) return judgeRefusal(written, [MOVING]);
    const read = await tryToWrite(stage, placed, true);
    if ((read.sqlstate === undefined) !== (reads === 'let in'))
      return reads === 'refused'
        ? leaked('who reads was let in')
        : unproven(`reading ended with ${read.sqlstate}`);
    await fenced(stage, run, 'open');
    const { sqlstate } = await tryToWrite(stage, placed);
    return sqlstate === undefined
      ? held(`refused (SQLSTATE ${MOVING})`)
      : unproven(`open, it ended with ${sqlstate}`);
  },
});

/** A transaction of the tenant that was in before the fence. */
const leftOpen = async (
  stage: Stage,
  isolation: 'READ COMMITTED' | 'REPEATABLE READ',
  draw: (run: MoveRun) => Promise<unknown>,
): Promise<Outcome> => {
  const { placed, run } = await onTheMove(stage);
  const { tenantId, clinicId } = placed.clinic;
  await stage.first.query(`BEGIN ISOLATION LEVEL ${isolation}`);
  try {
    await enter(stage, stage.first, { tenantId, clinicId });
    await stage.first.query(WRITE);
    await draw(run);
    const ended = await stage.first.query('COMMIT').then(
      ({ command }) => (command === 'COMMIT' ? undefined : 'a rollback'),
      ({ code }: { code?: string }) => code ?? 'an error',
    );
    if (ended === undefined) return leaked('it was saved behind the fence');
    const { rowCount } = await stage.admin.query(
      `SELECT FROM clinical.services WHERE clinic_id = $1 AND name = 'moved'`,
      [clinicId],
    );
    return rowCount === 0 ? held(`nothing was saved (SQLSTATE ${ended})`) : leaked('its row is there');
  } finally {
    await stage.first.query('ROLLBACK').catch(() => undefined);
  }
};

/** The barrier as `drain` draws it, without waiting for who is in. */
const barrier =
  (stage: Stage) =>
  async (run: MoveRun): Promise<void> => {
    await fenced(stage, run, 'draining');
    const waited = await drain(stage.admin, run, { marker: randomUUID(), seen: 0, waitMs: 1 });
    if (!Array.isArray(waited)) throw new Error('the fence did not see who was in');
    await inTransaction(stage.admin, async () => {
      await stage.admin.query(
        'INSERT INTO ringfence_private.ledgers (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING',
        [run.tenantId],
      );
      await stage.admin.query(
        'UPDATE ringfence_private.ledgers SET audit_seq = audit_seq WHERE tenant_id = $1',
        [run.tenantId],
      );
      await fenced(stage, run, 'read-only');
    });
  };

/** The fence of a move, at each of its states, against whoever is at the old home. */
export const FENCES: readonly SuiteCase[] = [
  admission('draining', 'let in'),
  admission('read-only', 'let in'),
  admission('closed', 'refused'),
  {
    id: 'half-moved-clinic/fence/open-transaction',
    isolation: [35],
    tried: 'Committing a write at the old home in a transaction that was open before the fence',
    expected: 'the fence sees it, and behind the barrier nothing of it is saved',
    run: (stage) => leftOpen(stage, 'READ COMMITTED', barrier(stage)),
  },
  {
    id: 'half-moved-clinic/fence/kept-snapshot',
    isolation: [35],
    tried: 'The same in a transaction that keeps a snapshot from before the fence',
    expected: 'nothing of it is saved',
    run: (stage) => leftOpen(stage, 'REPEATABLE READ', barrier(stage)),
  },
  {
    id: 'half-moved-clinic/fence/old-route',
    isolation: [35],
    tried: 'Entering by a route from before the move, at a cell that the tenant has come back to',
    expected: 'refused; the route of today is let in',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      await fenced(stage, run, 'open', 3);
      const by = (epoch: number): Promise<Attempted> =>
        rolledBack(stage.first, () =>
          attempt(stage.first, ENTER, [tokenFor(stage, stage.first, { ...placed.clinic, epoch })]),
        );
      if ((await by(3)).sqlstate !== undefined) return unproven('the route of today was refused');
      return judgeRefusal(await by(2), [MOVING]);
    },
  },
  {
    id: 'half-moved-clinic/fence/changed-epoch',
    isolation: [12, 35],
    tried: 'Writing a later epoch into a token that was signed for an earlier one',
    expected: 'refused',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      await fenced(stage, run, 'open', 3);
      return rolledBack(stage.first, async () => {
        const token = tokenFor(stage, stage.first, { ...placed.clinic, epoch: 2 });
        token.writeUInt32BE(3, 62);
        return judgeRefusal(await attempt(stage.first, ENTER, [token]));
      });
    },
  },
  {
    id: 'half-moved-clinic/fence/by-hand',
    isolation: [35],
    tried: 'Writing rows of a tenant at its old home as the administrator',
    expected: 'refused: there is no way round the fence that keeps the audit log',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      await fenced(stage, run, 'closed');
      return rolledBack(stage.admin, async () => {
        const insert = `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'moved', 30)`;
        await stage.admin.query(insert, [placed.clinic.clinicId]);
        // The ledger is booked at the end of the transaction.
        return judgeRefusal(await attempt(stage.admin, 'SET CONSTRAINTS ALL IMMEDIATE'), [MOVING]);
      });
    },
  },
  {
    id: 'half-moved-clinic/fence/refusals',
    isolation: [35],
    tried: 'Writing refused attempts into the audit log of a tenant at its old home',
    expected: 'refused',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      await fenced(stage, run, 'closed');
      return rolledBack(stage.first, async () =>
        judgeRefusal(
          await attempt(stage.first, `SELECT ringfence.record_refusal($1, 'canary')`, [
            tokenFor(stage, stage.first, placed.clinic),
          ]),
          [MOVING],
        ),
      );
    },
  },
  {
    id: 'half-moved-clinic/fence/zombie',
    isolation: [33, 35],
    tried: 'Opening the fence by a run that another one has taken over',
    expected: 'refused',
    run: async (stage) => {
      const { run } = await onTheMove(stage);
      await fenced(stage, run, 'closed');
      await takeOverCell(stage.admin, { ...run, attempt: 3 });
      const code = await setFence(stage.admin, run, 'open').then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      return code === 'RF009' ? held('refused (SQLSTATE RF009)') : leaked('it opened the fence');
    },
  },
  {
    id: 'half-moved-clinic/fence/application',
    isolation: [35],
    tried: 'Opening the fence, or joining the move, by SQL of the application',
    expected: 'refused, each of them',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      await fenced(stage, run, 'read-only');
      const { tenantId, moveId } = run;
      const tries = [
        `UPDATE ringfence.tenants SET fence = 'open' WHERE id = '${tenantId}'`,
        `SELECT ringfence_private.set_fence('${tenantId}', '${moveId}', 2, 'open')`,
        `UPDATE ringfence_private.moves SET attempt = 9`,
        `DELETE FROM ringfence_private.changed_keys`,
        `INSERT INTO ringfence_private.move_markers VALUES ('${tenantId}', '${moveId}')`,
        `SELECT ringfence_private.carried('${tenantId}')`,
      ];
      return rolledBack(stage.first, async () => {
        await stage.first.query('SET TRANSACTION READ ONLY');
        await enter(stage, stage.first, placed.clinic);
        for (const sql of tries) {
          const judged = judgeRefusal(await attempt(stage.first, sql), ['25006']);
          if (judged.verdict !== 'held') return judged;
        }
        return held(`${tries.length} statements refused`);
      });
    },
  },
  {
    id: 'half-moved-clinic/fence/neighbour',
    isolation: [19, 35],
    tried: 'Working as a neighbour of a tenant that is fenced, with its schema locked',
    expected: 'the neighbour works on',
    run: async (stage) => {
      const { run } = await onTheMove(stage);
      await setMoveWork(stage.admin, run, { underWay: true, tracks: true, locksSchema: true });
      await fenced(stage, run, 'read-only');
      return rolledBack(stage.first, async () => {
        await enter(stage, stage.first, stage.b);
        const { sqlstate } = await attempt(stage.first, WRITE);
        const { rows } = await stage.admin.query<{ noted: number }>(
          `SELECT count(*)::int AS noted FROM ringfence_private.changed_keys WHERE tenant_id = $1`,
          [stage.b.tenantId],
        );
        if (sqlstate !== undefined) return leaked(`the neighbour was refused (SQLSTATE ${sqlstate})`);
        return rows[0]?.noted === 0
          ? held('it wrote, and its keys are not noted')
          : leaked('its keys are noted');
      });
    },
  },
  {
    id: 'half-moved-clinic/fence/suspended',
    isolation: [33, 35],
    tried: 'Suspending a tenant while its fence is drawn, and opening the fence',
    expected: 'it stays suspended',
    run: async (stage) => {
      const { placed, run } = await onTheMove(stage);
      const caller = { who: 'canary', door: 'cli', correlationId: randomUUID() } as const;
      await withConnection(stage.target.admin, (client) =>
        setTenantState(client, run.tenantId, { state: 'suspended', reason: 'canary', caller }),
      );
      await fenced(stage, run, 'closed');
      await fenced(stage, run, 'open', 4);
      return judgeRefusal(await tryToWrite(stage, placed), ['RF001']);
    },
  },
];
