import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import type { CellHistory, HistoryWindow } from '../../../data-plane/backup/cell/cell-history.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import type { Rds } from './api.js';
import { rdsCopy, type Waiting } from './copy.js';
import { translateRdsError } from './errors.js';
import type { HeldDatabase } from './held-database.js';
import type { RdsInstance } from './instance.js';
import { interruptible } from './interruptible.js';

const SECOND_MS = 1_000;

/**
 * The history of a cell on Amazon RDS: the window that RDS can restore. A copy is an instance that RDS makes for it, in the
 * network of the original, and deletes afterwards. RDS knows whole seconds only, and reaches the last minutes late.
 */
export const rdsHistory = (options: {
  readonly rds: Rds;
  /** Identifier of the cell's instance. */
  readonly instance: string;
  /** As its administrator. */
  readonly connect: () => Promise<Connection>;
  readonly holds: HeldDatabase;
  /** Called between the steps; a test ends the process here. */
  readonly reached: (point: string) => void;
  readonly now?: () => Date;
  /** Told what is waited for: RDS takes minutes. */
  readonly say?: (line: string) => void;
  /** Ends early, by throwing, with the signal. */
  readonly pause?: (pauseMs: number, signal?: AbortSignal) => Promise<void>;
}): CellHistory => {
  const {
    rds,
    connect,
    holds,
    reached,
    now = () => new Date(),
    pause = defaultPause,
    say = () => undefined,
  } = options;
  const waitingWith = (signal?: AbortSignal): Waiting => ({
    now,
    say,
    pause: (pauseMs) => pause(pauseMs, signal),
  });

  const windowOf = async (instance: RdsInstance): Promise<HistoryWindow | undefined> => {
    if (instance.retentionDays === 0 || instance.latestRestorable === undefined) return undefined;
    const from = await rds.restorableFrom(instance);
    return from && { from, to: instance.latestRestorable };
  };

  return {
    window: async () => windowOf(await rds.get(options.instance)),

    keptDays: async (days) => Math.max(days, (await rds.get(options.instance)).retentionDays),

    inCopyAt: <T>(at: Date, work: (admin: Connection) => Promise<T>): Promise<T> =>
      interruptible(async (signal) => {
        const copy = rdsCopy(rds, options.instance, waitingWith(signal));
        const source = await rds.get(options.instance);
        await copy.clear();
        requireReachable(at, now(), await windowOf(source));
        const login = await connect();
        await withConnection(login, refuseSubscriptions);
        // Ctrl-C, which ends all other waits, does not end this one.
        const remove = () => copy.remove(waitingWith());
        let result: T;
        try {
          const admin = await copy.make(source, at, login);
          reached('copy-recovered');
          await refuseLater(holds, admin, at);
          signal.throwIfAborted();
          result = await Promise.race([aborted(signal), work(admin)]);
        } catch (error) {
          await remove().catch((left) => {
            throw leftBehind(left, error);
          });
          throw error;
        }
        await remove().catch((left) => {
          throw leftBehind(left, undefined);
        });
        return result;
      }),

    async upkeep(days) {
      const { retentionDays } = await rds.get(options.instance);
      // What a killed run left has rows of tenants that may be erased by now.
      await rdsCopy(rds, options.instance, waitingWith()).remove(waitingWith());
      if (retentionDays >= days) return { base: null, removedBases: 0, removedSegments: 0 };
      const kept = retentionDays === 0 ? 'no backups' : `backups of ${retentionDays} days`;
      throw new RingfenceError(
        'config_invalid',
        `instance ${options.instance} keeps ${kept}, the cell wants ${days} days`,
        {
          fix: `set its backup retention period to ${days} days or more with the tool that made it, or ask for fewer with \`ringfence cells up <cell> --history-days\``,
        },
      );
    },
  };
};

const leftBehind = (left: unknown, before: unknown): RingfenceError => {
  const { code, message } = translateRdsError(left);
  return new RingfenceError(code, `the copy could not be deleted: ${message}`, {
    fix: 'the next restore to a point in time of this cell deletes it; or delete the instance with the tag ringfence:copy-of yourself',
    cause: before ?? left,
  });
};

const defaultPause = (pauseMs: number, signal?: AbortSignal): Promise<void> =>
  pause(pauseMs, undefined, signal ? { signal } : {}).catch((error) => {
    throw signal?.reason ?? error;
  });

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const requireReachable = (at: Date, now: Date, window: HistoryWindow | undefined): void => {
  if (window === undefined) {
    throw new RingfenceError('backup_not_found', 'RDS keeps no backups of the instance yet', {
      fix: 'set its backup retention period to a day or more, and wait for its first backup',
    });
  }
  const range = `any second from ${window.from.toISOString()} to ${window.to.toISOString()} can be reached`;
  if (at > now) throw new RingfenceError('usage', `${at.toISOString()} is still to come`, { fix: range });
  if (at.getTime() % SECOND_MS !== 0) {
    throw new RingfenceError(
      'usage',
      `${at.toISOString()} is between two seconds, and RDS knows whole ones`,
      {
        fix: 'leave the fraction out',
      },
    );
  }
  if (at < window.from) {
    throw new RingfenceError('backup_not_found', `RDS keeps nothing of ${at.toISOString()} any more`, {
      fix: range,
    });
  }
  if (at > window.to) {
    throw new RingfenceError('backup_not_found', `RDS cannot reach ${at.toISOString()} yet`, {
      fix: `${range}; RDS is about five minutes behind: try again then`,
    });
  }
};

/**
 * A copy would take changes from a publisher that a subscription of the original waits for. Also finds out, before an
 * instance is made, whether the original can be reached from here.
 */
const refuseSubscriptions = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    'SELECT subname AS name FROM pg_subscription WHERE subenabled ORDER BY subname LIMIT 1',
  );
  if (!rows[0]) return;
  throw new RingfenceError(
    'conflict',
    `subscription ${rows[0].name} is enabled in the instance: a copy would take its changes`,
    {
      fix: `disable it for as long as the restore takes: ALTER SUBSCRIPTION ${rows[0].name} DISABLE`,
    },
  );
};

const refuseLater = async (holds: HeldDatabase, admin: Connection, at: Date): Promise<void> => {
  if (!(await holds.hasChangesAfter(admin, at))) return;
  throw new RingfenceError('backup_refused', `the copy has changes from after ${at.toISOString()}`, {
    fix: 'run the command again; tell the makers of Ringfence if it says so again',
  });
};
