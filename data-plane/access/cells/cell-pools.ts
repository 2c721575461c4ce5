import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { makePool } from '../../database/client.js';
import { VALUE_TYPES } from '../../database/value-types.js';
import { type StatementNames, statementNames } from '../context/statement-names.js';
import { type TokenSigner, tokenSigner } from '../context-token.js';
import type { CellAddress } from '../directory/directory.js';
import { type FairTurns, fairTurns, type TurnLimits } from './fair-turns.js';
import { keptLogin } from './kept-login.js';
import { limitResults, RESULT_LIMIT, type ResultLimit } from './result-limit.js';

/** The connections of this process to one cell. */
export interface CellPool {
  connect(): Promise<pg.PoolClient>;
  /** Connections that are open. */
  open(): number;
  /** Ends sessions that lock a whole table. */
  keep(): void;
  readonly turns: FairTurns;
  readonly signer: TokenSigner;
  readonly pooler: CellAddress['pooler'];
  readonly statements: StatementNames;
}

/** One pool a cell, made when it is first needed and made anew when the cell's address has changed. */
export interface CellPools {
  of(address: CellAddress): CellPool;
  /** A pool of a replica of the cell; of the cell itself where it has none. */
  ofReplica(address: CellAddress): CellPool;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 60_000;
const LIFETIME_SECONDS = 1_800;

export const cellPools = (
  limits: TurnLimits,
  now: () => Date,
  results: ResultLimit = RESULT_LIMIT,
): CellPools => {
  const known = new Map<string, CellPool & { readonly address: CellAddress; readonly pool: pg.Pool }>();
  const ending = new Set<Promise<void>>();

  const end = (pool: pg.Pool): void => {
    const ended = pool.end().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const pools: CellPools = {
    ofReplica(located) {
      const { cell, contextKey, pooler, replicas = [] } = located;
      const [connection] = replicas;
      if (connection === undefined) return pools.of(located);
      // No keeper: nothing is put back on a replica.
      return pools.of({ cell: `${cell}/replica`, connection, contextKey, ...(pooler ? { pooler } : {}) });
    },
    of(located) {
      const { cell, connection, contextKey, keeperPassword, pooler } = located;
      const found = known.get(cell);
      if (found?.address.connection === connection && found.address.contextKey === contextKey) return found;
      const address = {
        cell,
        connection,
        contextKey,
        ...(keeperPassword === undefined ? {} : { keeperPassword }),
        ...(pooler ? { pooler } : {}),
      };
      if (found && isDeepStrictEqual(found.address, address)) return found;
      if (found) end(found.pool);
      const login = keptLogin(address);
      const pool = makePool({
        ...connection,
        types: VALUE_TYPES,
        max: limits.connections,
        application_name: 'ringfence access',
        // Statements go out without waiting for the answer to the one before, so BEGIN and enter cost one round trip.
        pipeline: true,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        idleTimeoutMillis: IDLE_MS,
        maxLifetimeSeconds: LIFETIME_SECONDS,
        allowExitOnIdle: true,
        // Behind a pooler a connection is nobody's session yet.
        ...(pooler ? {} : { onConnect: login.check }),
      });
      pool.on('connect', (client) => limitResults(client, results));
      const signer = tokenSigner(contextKey, now);
      const made = {
        address,
        pool,
        connect: () => login.connect(pool),
        open: () => pool.totalCount,
        keep: login.keep,
        turns: fairTurns(limits),
        signer,
        pooler,
        statements: statementNames(),
      };
      known.set(cell, made);
      return made;
    },
    close: async () => {
      for (const { pool } of known.values()) end(pool);
      known.clear();
      await Promise.all(ending);
    },
  };
  return pools;
};
