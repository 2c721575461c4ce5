import type pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { translateStatementError } from './database-refusals.js';
import { changesPrepared } from './session.js';
import { currentScope, notInContext, type TenantScope } from './tenant-scope.js';

/** A statement as `pg` takes it. Its `name` is dropped: a statement prepared by name would outlive the transaction. */
export type Statement = Pick<pg.QueryArrayConfig, 'text' | 'types'> & {
  readonly values?: readonly unknown[];
  readonly rowMode?: 'array';
  readonly name?: string;
};

const BEGIN = /^(?:begin|start transaction)$/i;
const COMMIT = /^commit$/i;
const ROLLBACK = /^rollback$/i;

/**
 * The connection of one run, for `db.query` and for libraries that take a client of `pg`. Statements are refused
 * once the run has ended and outside of it. A library's own BEGIN, COMMIT and ROLLBACK become savepoints, because
 * the transaction belongs to the run.
 */
export class ScopedClient {
  readonly #client: pg.Client;
  readonly #scope: () => TenantScope;
  #savepoints = 0;

  constructor(client: pg.Client, scope: () => TenantScope) {
    this.#client = client;
    this.#scope = scope;
  }

  /** @throws RingfenceError, translated by `translateStatementError`; `not_in_context` after or outside the run. */
  async query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    statement: string | Statement,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const scope = this.assertOpen();
    const { text, types, rowMode, ...given } =
      typeof statement === 'string' ? { text: statement } : statement;
    if (typeof text !== 'string' || 'submit' in given) {
      throw new RingfenceError(
        'usage',
        'a statement is text with values; cursors and COPY streams are not taken',
      );
    }
    try {
      const result = await this.#client.query({
        text: this.#asSavepoint(text.trim()),
        values: [...(values ?? given.values ?? [])],
        // The extended protocol takes one statement at a time, so none can be stacked behind another.
        queryMode: 'extended',
        ...(types === undefined ? {} : { types }),
        ...(rowMode === undefined ? {} : { rowMode }),
      } as pg.QueryConfig);
      if (changesPrepared(result)) scope.state.isConnectionSpent = true;
      if (this.#client.getTransactionStatus() === 'I') {
        scope.state.interrupt(notInContext('a statement ended the transaction of this run'));
        scope.state.assertGoing();
      }
      return result as pg.QueryResult<Row>;
    } catch (error) {
      scope.state.assertGoing();
      throw translateStatementError(error);
    }
  }

  /** @throws RingfenceError `not_in_context` after or outside the run, or what ended it. */
  assertOpen(): TenantScope {
    const scope = this.#scope();
    scope.state.assertGoing();
    if (currentScope() !== scope) throw notInContext('this connection belongs to another run');
    return scope;
  }

  /** For libraries that check a connection out and in; the run releases it. */
  release(): void {}

  /** For libraries that watch a connection; the run does. */
  on(): this {
    return this;
  }

  removeListener(): this {
    return this;
  }

  #asSavepoint(text: string): string {
    if (BEGIN.test(text)) return `SAVEPOINT ringfence_${++this.#savepoints}`;
    if (!COMMIT.test(text) && !ROLLBACK.test(text)) return text;
    if (this.#savepoints === 0) {
      throw notInContext('the transaction belongs to the run, which commits or rolls back by itself');
    }
    const savepoint = `ringfence_${this.#savepoints--}`;
    return COMMIT.test(text) ? `RELEASE SAVEPOINT ${savepoint}` : `ROLLBACK TO SAVEPOINT ${savepoint}`;
  }
}
