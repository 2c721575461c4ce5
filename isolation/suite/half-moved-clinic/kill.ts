import type pg from 'pg';
import type { Connection } from '../../../data-plane/database/connect.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { backendPid, type Stage } from '../stage.js';

/** More statements than any of the operations has. */
const STATEMENTS_MAX = 200;

/**
 * Runs an operation again and again, its connection ended by the server before its first statement, before its second, and
 * so on, until it comes to its end. `between` checks the state after each kill.
 * @returns how many times it was killed.
 */
export const killAtEveryStatement = async (
  stage: Stage,
  operation: (client: pg.Client) => Promise<void>,
  between: () => Promise<void>,
): Promise<number> => {
  for (let at = 1; at <= STATEMENTS_MAX; at++) {
    const finished = await withKiller(stage, stage.target.admin, at, operation).then(
      () => true,
      () => false,
    );
    if (finished) return at - 1;
    await between();
  }
  throw new RangeError('the operation never came to its end');
};

const withKiller = (
  stage: Stage,
  login: Connection,
  at: number,
  operation: (client: pg.Client) => Promise<void>,
): Promise<void> =>
  withConnection(login, async (client) => {
    let statements = 0;
    const query = client.query.bind(client);
    const killing = async (...given: unknown[]): Promise<unknown> => {
      statements += 1;
      if (statements === at) await stage.admin.query('SELECT pg_terminate_backend($1)', [backendPid(client)]);
      return Reflect.apply(query, client, given);
    };
    Object.defineProperty(client, 'query', { value: killing });
    await operation(client);
  });
