import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { mayLeaveSettings } from './cleaning.js';
import { translateStatementError } from './database-refusals.js';
import { notInContext } from './not-in-context.js';
import type { RunState } from './run-state.js';

/**
 * Savepoints of one run, open or not: each that wrote holds a lock until the run ends, and the table of locks is shared by all
 * sessions of the server. With 24,700 of them nobody else got in.
 */
const SAVEPOINTS_MAX = 1_000;

/** Sends the statements of one run, for as long as the run goes on. */
export class StatementSender {
  readonly #client: pg.Client;
  readonly #state: RunState;
  #underWay = 0;
  #savepoints = 0;
  #lastMs = performance.now();

  constructor(client: pg.Client, state: RunState) {
    this.#client = client;
    this.#state = state;
  }

  /** For how many milliseconds no statement has been at the server. */
  get idleMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastMs;
  }

  /** True when a statement has failed and the server only takes a rollback to a savepoint. */
  get hasFailed(): boolean {
    return this.#client.getTransactionStatus() === 'E';
  }

  /** @throws RingfenceError, translated by `translateStatementError`; or what ended the run. */
  async send<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    this.#state.assertGoing();
    if (statement.text?.startsWith('SAVEPOINT ')) this.#countSavepoint();
    if (mayLeaveSettings(statement.text)) this.#state.isConnectionSpent = true;
    this.#underWay++;
    try {
      // The extended protocol takes one statement at a time, so none can be stacked behind another.
      const extended = { ...statement, queryMode: 'extended' } as pg.QueryConfig;
      const result = await this.#client.query<Row>(extended);
      if (this.#client.getTransactionStatus() === 'I') {
        this.#state.interrupt(notInContext('a statement ended the transaction of this run'));
        this.#state.assertGoing();
      }
      return result;
    } catch (error) {
      this.#state.assertGoing();
      throw translateStatementError(error);
    } finally {
      this.#underWay--;
      this.#lastMs = performance.now();
    }
  }

  /** A statement too many ends the run, because later ones would not be undone by themselves. */
  #countSavepoint(): void {
    if (++this.#savepoints <= SAVEPOINTS_MAX) return;
    this.#state.interrupt(tooManySavepoints());
    this.#state.assertGoing();
  }

  /** Sends statements in one packet and waits for all of them. */
  sendTogether(statements: readonly pg.QueryConfig[]): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const { stream } = this.#client.connection;
    stream.cork();
    const sent = statements.map((statement) => this.send(statement));
    stream.uncork();
    return Promise.allSettled(sent);
  }
}

const tooManySavepoints = (): RingfenceError =>
  new RingfenceError(
    'statement_not_allowed',
    `one run takes ${SAVEPOINTS_MAX} savepoints: its own, nested runs, and transactions of libraries`,
    { fix: 'do the work in several runs, or several rows in one statement' },
  );
