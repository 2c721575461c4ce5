import { withCellConnection } from '../cells/cell-connection.js';
import type { CellPools } from '../cells/cell-pools.js';
import { begin } from '../context/session.js';
import type { Directory, Located } from '../directory/directory.js';
import { refusalLanes } from './refusal-lanes.js';
import type { Refusal } from './refusal-reporter.js';

const TIME_LIMIT_MS = 5_000;

/** Writes refused attempts into the audit log of the clinic that was asked for, of a suspended one too. */
export interface RefusalRecorder {
  /** Does not wait. Refusals above the limit are counted, not written. */
  record(refusal: Refusal): void;
  /** Returns the number of refusals that were not written since the last call. */
  takeUnrecorded(): number;
  /** Waits for what is being written, and takes nothing more. */
  close(): Promise<void>;
}

/**
 * Each by a token of who attempted it, in a transaction of its own. A cell gets one of unknown callers and one of verified
 * users at a time, in the order in which they came, so that a flood takes one connection of it, and holds up no user and
 * no other cell. The database keeps so many a minute and clinic.
 */
export const refusalRecorder = (directory: Directory, pools: CellPools, now: () => Date): RefusalRecorder => {
  const lanes = refusalLanes();
  const budget = userBudget(now);
  const locating = inTurn();
  const writing = inTurn();
  const underWay = new Set<Promise<void>>();
  let unrecorded = 0;
  let isClosed = false;

  const write = async (refusal: Refusal, clinicId: string): Promise<boolean> => {
    const caller = refusal.userId === null ? 'unknown' : 'verified';
    // Anyone can make up clinics: to look for them all at once would be a flood of its own.
    const clinics = refusal.userId === null ? caller : clinicId;
    const located = await locating(clinics, () => directory.locate(clinicId));
    return (
      located === undefined || writing(`${caller} ${located.cell}`, () => writeAt(located, pools, refusal))
    );
  };

  return {
    record: (refusal) => {
      const { clinicId, userId } = refusal;
      if (isClosed || clinicId === null) return;
      const leave = userId === null || budget.take(userId) ? lanes.enter(userId) : undefined;
      if (!leave) {
        unrecorded++;
        return;
      }
      const written = write(refusal, clinicId)
        .catch(() => false)
        .then((isWritten) => {
          if (!isWritten) unrecorded++;
        })
        .finally(() => {
          leave();
          underWay.delete(written);
        });
      underWay.add(written);
    },
    takeUnrecorded: () => {
      const taken = unrecorded;
      unrecorded = 0;
      return taken;
    },
    close: async () => {
      isClosed = true;
      await Promise.all(underWay);
    },
  };
};

/** @returns whether the database has kept it. */
const writeAt = (located: Located, pools: CellPools, { reason, userId }: Refusal): Promise<boolean> => {
  const { tenantId, clinicId } = located;
  const cell = pools.of(located);
  const limits = { timeoutMs: TIME_LIMIT_MS, signal: undefined };
  // A turn of its own: who is refused takes no turn from those who are let in.
  return withCellConnection(cell, `refusals ${tenantId}`, limits, async ({ client, commit }) => {
    // The token names the actor: no SQL can name somebody else.
    const subject = { tenantId, clinicId, ...(userId === null ? {} : { userId }) };
    const token = cell.signer.sign(subject, await begin(client, cell));
    const { rows } = await client.query<{ written: boolean }>(
      'SELECT ringfence.record_refusal($1, $2) AS written',
      [token, reason],
    );
    await commit().ended;
    return rows[0]?.written === true;
  });
};

/** Does one thing after the other for each key, in the order in which they were asked for. */
const inTurn = () => {
  const lasts = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const done = (lasts.get(key) ?? Promise.resolve()).then(work);
    const last = done.catch(() => undefined);
    lasts.set(key, last);
    void last.then(() => {
      if (lasts.get(key) === last) lasts.delete(key);
    });
    return done;
  };
};

const EACH_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * Refusals of one verified user that a process writes down in a minute. The database keeps so many of a clinic; one user
 * is not to use them up for the others.
 */
const userBudget = (now: () => Date): { take(userId: string): boolean } => {
  const taken = new Map<string, number>();
  let minute = 0;
  return {
    take: (userId) => {
      const current = Math.floor(now().getTime() / MINUTE_MS);
      if (current !== minute) taken.clear();
      minute = current;
      const count = taken.get(userId) ?? 0;
      if (count < EACH_MINUTE) taken.set(userId, count + 1);
      return count < EACH_MINUTE;
    },
  };
};
