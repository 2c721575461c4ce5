import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { Client } from '../../database/client.js';
import type { CellAddress } from '../directory/directory.js';

/** The application's login of a cell, which its own statements may change or misuse (migration 0010). */
export interface KeptLogin {
  /** Puts the login back and ends sessions that lock a whole table. Does not wait, and reports nothing. */
  keep(): void;
  /** Looks at a connection that was just made. @throws when its session does not begin as the cell says. */
  check(client: pg.ClientBase): Promise<void>;
  /** Gives a connection; where the login was changed, has it put back once and tries again. */
  connect(pool: pg.Pool): Promise<pg.PoolClient>;
}

const TIMEOUT_MS = 5_000;

/**
 * too_many_connections, cannot_connect_now, invalid_catalog_name: not the login's fault. Any other refusal may be: a stored
 * setting is applied when a session begins, and a bad one ends it with whatever SQLSTATE that setting's check has.
 */
const OF_THE_SERVER = new Set(['53300', '57P03', '3D000']);

/** The sessions of the login no longer begin as the cell says. */
class LoginChanged extends RingfenceError {
  constructor(cause?: unknown) {
    super('database_auth_failed', "the application's login was changed by one of its statements", {
      fix: 'put it back with `ringfence cells repair <cell>`',
      cause,
    });
  }
}

export const keptLogin = ({ connection, keeperPassword }: CellAddress): KeptLogin => {
  let keeping: Promise<void> | undefined;

  const askKeeper = async (password: string): Promise<void> => {
    const keeper = new Client({
      ...connection,
      user: 'ringfence_keeper',
      password,
      application_name: 'ringfence keeper',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    keeper.on('error', () => undefined);
    try {
      await keeper.connect();
      await keeper.query('SELECT ringfence.keep()');
    } finally {
      await keeper.end().catch(() => undefined);
    }
  };

  const keepOnce = (password: string): Promise<void> => {
    keeping ??= askKeeper(password).finally(() => {
      keeping = undefined;
    });
    return keeping;
  };

  return {
    keep: () => {
      if (keeperPassword !== undefined) void keepOnce(keeperPassword).catch(() => undefined);
    },
    check: async (client) => {
      // A setting may keep even this statement from being run.
      const { rows } = await client
        .query<{ kept: boolean | null }>('SELECT ringfence.is_kept() AS kept')
        .catch((cause: unknown) => {
          throw new LoginChanged(cause);
        });
      if (rows[0]?.kept === false) throw new LoginChanged();
    },
    connect: async (pool) => {
      try {
        return await pool.connect();
      } catch (error) {
        const isChanged =
          error instanceof LoginChanged ||
          (error instanceof pg.DatabaseError && !OF_THE_SERVER.has(error.code ?? ''));
        if (!isChanged || keeperPassword === undefined) throw error;
        // If the keeper is refused too, the first error says why.
        await keepOnce(keeperPassword).catch(() => {
          throw error;
        });
        return pool.connect();
      }
    },
  };
};
