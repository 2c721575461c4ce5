import type pg from 'pg';
import { cleanAndForget } from '../../../data-plane/access/context/cleaning.js';
import type { Outcome, SuiteCase } from '../case.js';
import { countRows, held, leaked, unproven } from '../judge.js';
import { backendPid, ENTER, enter, type Stage, tokenFor } from '../stage.js';

/** The clinics that the session sees: the largest set of rows that one statement can read. */
const VISIBLE = 'SELECT id::text AS id FROM ringfence.clinics';

const visible = async (client: pg.ClientBase): Promise<string[]> =>
  (await client.query<{ id: string }>(VISIBLE)).rows.map(({ id }) => id);

/** Cleans a connection as the access library does before another tenant gets it. */
const release = async (client: pg.ClientBase): Promise<void> => {
  await client.query(cleanAndForget());
};

const nothing = async (client: pg.ClientBase): Promise<Outcome> => {
  const rows = (await visible(client)).length;
  return rows === 0 ? held('no row') : leaked(`${countRows(rows)} still visible`);
};

/** Afterwards the victim's clinic is entered on the same connection: it must see itself and nothing else. */
const onlyVictim = async (stage: Stage, client: pg.Client): Promise<Outcome> => {
  await client.query('BEGIN');
  await enter(stage, client, stage.b);
  const ids = await visible(client);
  await client.query('ROLLBACK');
  if (ids.some((id) => id !== stage.b.clinicId)) return leaked('the clinic before it is still visible');
  return ids.length === 1 ? held('its own clinic only') : unproven('not even its own clinic is visible');
};

const swallow = (statement: Promise<unknown>): Promise<unknown> => statement.catch(() => undefined);

interface Bleed {
  readonly id: string;
  readonly tried: string;
  /** Leaves the connection as a tenant would leave it; `first` is used again afterwards. */
  readonly leave: (stage: Stage, client: pg.Client) => Promise<void>;
}

const begin = async (stage: Stage, client: pg.Client): Promise<void> => {
  await client.query('BEGIN');
  await enter(stage, client, stage.a);
};

const BLEEDS: readonly Bleed[] = [
  {
    id: 'commit',
    tried: 'after a transaction that was committed',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query('COMMIT');
    },
  },
  {
    id: 'rollback',
    tried: 'after a transaction that was rolled back',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query('ROLLBACK');
    },
  },
  {
    id: 'error',
    tried: 'after a transaction that failed',
    leave: async (stage, client) => {
      await begin(stage, client);
      await swallow(client.query('SELECT 1/0'));
      await client.query('ROLLBACK');
    },
  },
  {
    id: 'failed-commit',
    tried: 'after a failed transaction whose application committed all the same',
    leave: async (stage, client) => {
      await begin(stage, client);
      await swallow(client.query('SELECT 1/0'));
      await client.query('COMMIT');
    },
  },
  {
    id: 'timeout',
    tried: 'after a statement that ran into its time limit',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query(`SET LOCAL statement_timeout = '5ms'`);
      await swallow(client.query('SELECT pg_sleep(2)'));
      await client.query('ROLLBACK');
    },
  },
  {
    id: 'cancel',
    tried: 'after a statement that was cancelled from outside',
    leave: async (stage, client) => {
      await begin(stage, client);
      const sleeping = swallow(client.query('SELECT pg_sleep(2)'));
      await cancelWhenActive(stage, client);
      await sleeping;
      await client.query('ROLLBACK');
    },
  },
  {
    id: 'commit-chain',
    tried: 'in the transaction that COMMIT AND CHAIN opens',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query('COMMIT AND CHAIN');
    },
  },
  {
    id: 'rollback-chain',
    tried: 'in the transaction that ROLLBACK AND CHAIN opens',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query('ROLLBACK AND CHAIN');
    },
  },
  {
    id: 'savepoint',
    tried: 'after a savepoint from before the entry was rolled back to',
    leave: async (stage, client) => {
      await client.query('BEGIN; SAVEPOINT before');
      await enter(stage, client, stage.a);
      await client.query('ROLLBACK TO SAVEPOINT before');
    },
  },
  {
    id: 'autocommit',
    tried: 'after entering without opening a transaction',
    leave: async (stage, client) => {
      await enter(stage, client, stage.a);
    },
  },
  {
    id: 'one-message',
    tried: 'after entry, COMMIT and more in a single message',
    leave: async (stage, client) => {
      const token = tokenFor(stage, client, stage.a).toString('hex');
      await client.query(`BEGIN; SELECT ringfence.enter('\\x${token}'); COMMIT; SELECT 1`);
    },
  },
  {
    id: 'reset-all',
    tried: 'after RESET ALL within the transaction',
    leave: async (stage, client) => {
      await begin(stage, client);
      await client.query('RESET ALL');
    },
  },
];

const cancelWhenActive = async (stage: Stage, client: pg.Client): Promise<void> => {
  for (let round = 0; round < 200; round++) {
    const { rows } = await stage.admin.query<{ cancelled: boolean }>(
      `SELECT pg_cancel_backend(pid) AS cancelled FROM pg_stat_activity
        WHERE pid = $1 AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`,
      [backendPid(client)],
    );
    if (rows[0]?.cancelled) return;
  }
};

/** Cases on the rows that a session shows after a tenant has left it, also to the next tenant. */
export const POOL: readonly SuiteCase[] = BLEEDS.flatMap(({ id, tried, leave }) => [
  {
    id: `crossed-wires/left/${id}`,
    isolation: [11],
    tried: `Reading on a pooled connection ${tried}`,
    expected: 'no row: the context ended with the transaction',
    run: async (stage: Stage) => {
      try {
        await leave(stage, stage.first);
        return await nothing(stage.first);
      } finally {
        await swallow(stage.first.query('ROLLBACK'));
      }
    },
  },
  {
    id: `crossed-wires/next/${id}`,
    isolation: [11],
    tried: `Another tenant entering on the same connection ${tried}`,
    expected: 'it sees its own clinic only',
    run: async (stage: Stage) => {
      try {
        await leave(stage, stage.first);
        await swallow(stage.first.query('ROLLBACK'));
        return await onlyVictim(stage, stage.first);
      } finally {
        await swallow(stage.first.query('ROLLBACK'));
      }
    },
  },
]);

/** Cases on the things that a released session can carry besides its context. */
export const CARRIED: readonly SuiteCase[] = [
  carried('cursor', 'A cursor WITH HOLD that the attacker left open', {
    leave: async (_, client) => {
      await client.query(`DECLARE canary_cursor CURSOR WITH HOLD FOR ${VISIBLE}`);
    },
    take: 'FETCH ALL FROM canary_cursor',
  }),
  carried('prepared-result', 'A prepared statement that the attacker left behind', {
    leave: async (_, client) => {
      await client.query(`PREPARE canary_plan AS ${VISIBLE}`);
    },
    take: 'EXECUTE canary_plan',
  }),
  carried('setting', 'A session setting in which the attacker left something', {
    leave: async (stage, client) => {
      await client.query(`SET canary.kept = ${client.escapeLiteral(stage.a.marker)}`);
    },
    take: `SELECT current_setting('canary.kept', true) AS id WHERE current_setting('canary.kept', true) <> ''`,
  }),
  carried('application-name', 'The name that the attacker gave its session', {
    leave: async (stage, client) => {
      await client.query(`SET application_name = ${client.escapeLiteral(stage.a.marker)}`);
    },
    take: `SELECT current_setting('application_name') AS id WHERE current_setting('application_name') LIKE 'canary%'`,
  }),
  carried('search-path', 'A search path that the attacker left behind', {
    leave: async (_, client) => {
      await client.query(`SET search_path = canary_path`);
    },
    take: `SELECT 1 AS id WHERE current_setting('search_path') = 'canary_path'`,
  }),
  carried('listen', 'A channel that the attacker listens on', {
    leave: async (_, client) => {
      await client.query('LISTEN canary_channel');
    },
    take: 'SELECT pg_listening_channels() AS id',
  }),
];

function carried(
  id: string,
  what: string,
  { leave, take }: { leave: (stage: Stage, client: pg.Client) => Promise<void>; take: string },
): SuiteCase {
  return {
    id: `crossed-wires/carried/${id}`,
    isolation: [11],
    tried: `${what}, taken up by the next tenant after the access library cleaned the connection`,
    expected: 'it is gone',
    run: async (stage) => {
      const client = stage.first;
      try {
        await begin(stage, client);
        await leave(stage, client);
        await client.query('COMMIT');
        await release(client);
        await client.query('BEGIN');
        await client.query(ENTER, [tokenFor(stage, client, stage.b)]);
        // 34000 and 26000: there is no such cursor, no such prepared statement.
        const taken = await client
          .query(take)
          .catch((error: { code?: string }) => error.code ?? 'no SQLSTATE');
        if (taken === '34000' || taken === '26000') return held(`it is gone (SQLSTATE ${taken})`);
        if (typeof taken === 'string') return unproven(`ended with ${taken}`);
        return taken.rows.length === 0 ? held('it is gone') : leaked('the next tenant found it');
      } finally {
        await swallow(client.query('ROLLBACK'));
        await release(client);
      }
    },
  };
}
