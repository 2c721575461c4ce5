import type pg from 'pg';
import { mayLeaveSettings } from './cleaning.js';
import { translateStatementError } from './database-refusals.js';
import type { RunState } from './run-state.js';
import { notInContext } from './tenant-scope.js';

/** Sends the statements of one run, for as long as the run goes on. */
export class StatementSender {
  readonly #client: pg.Client;
  readonly #state: RunState;
  #underWay = 0;
  #lastMs = performance.now();

  constructor(client: pg.Client, state: RunState) {
    this.#client = client;
    this.#state = state;
  }

  /** For how many milliseconds no statement has been at the server. */
  get idleMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastMs;
  }

  /** Whether a statement has failed and the server takes no more but the way back to a savepoint. */
  get hasFailed(): boolean {
    return this.#client.getTransactionStatus() === 'E';
  }

  /** @throws RingfenceError, translated by `translateStatementError`; or what ended the run. */
  async send<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    this.#state.assertGoing();
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

  /** Sends statements in one packet and waits for all of them. */
  sendTogether(statements: readonly pg.QueryConfig[]): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const { stream } = this.#client.connection;
    stream.cork();
    const sent = statements.map((statement) => this.send(statement));
    stream.uncork();
    return Promise.allSettled(sent);
  }
}
