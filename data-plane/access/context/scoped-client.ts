import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { notInContext } from './not-in-context.js';
import { currentScope, type TenantScope } from './tenant-scope.js';

/** A statement as `pg` takes it. Its `name` is dropped: a statement prepared by name would outlive the transaction. */
export type Statement = Pick<pg.QueryArrayConfig, 'text' | 'types'> & {
  readonly values?: readonly unknown[];
  readonly rowMode?: 'array';
  readonly name?: string;
};

/**
 * The connection of one run, for `db.query` and for libraries that take a client of `pg`. Statements are refused
 * once the run has ended and outside of it. A library's own BEGIN, COMMIT and ROLLBACK become savepoints, because
 * the transaction belongs to the run.
 */
export class ScopedClient {
  readonly #scope: () => TenantScope;

  constructor(scope: () => TenantScope) {
    this.#scope = scope;
  }

  /**
   * @throws RingfenceError, translated by `translateStatementError`; `not_in_context` after or outside the run;
   *   `statement_not_allowed`, and then nothing was sent and the run can go on.
   */
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
    const sent = {
      text,
      values: [...(values ?? given.values ?? [])],
      ...(types === undefined ? {} : { types }),
      ...(rowMode === undefined ? {} : { rowMode }),
    };
    return scope.subtransaction.query<Row>(sent, this);
  }

  /** @throws RingfenceError `not_in_context` after or outside the run, or what ended it. */
  assertOpen(): TenantScope {
    const { state } = this.#scope();
    state.assertGoing();
    // The code that asks may be part of a nested run; whose handle it uses says nothing about that.
    const scope = currentScope();
    if (scope?.state !== state) throw notInContext('this connection belongs to another run');
    scope.subtransaction.assertOpen();
    return scope;
  }

  /** Gives each caller a connection of its own, which tells the transactions of two callers apart. */
  checkOut(): ScopedClient {
    return new ScopedClient(this.#scope);
  }

  /**
   * For libraries that check a connection out and in; the run releases it.
   * @param broken a pool would close the connection, and so undo the transaction that was begun on it.
   */
  release(broken?: Error | boolean): void {
    if (broken && !this.#scope().state.isOver) currentScope()?.subtransaction.abandon(this);
  }

  /** For libraries that watch a connection; the run does. */
  on(): this {
    return this;
  }

  removeListener(): this {
    return this;
  }
}
