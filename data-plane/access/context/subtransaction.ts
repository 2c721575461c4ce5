import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { notInContext } from './not-in-context.js';
import { Savepoints } from './savepoints.js';
import { type ControlStatement, isControl, statementKind } from './statement-kind.js';
import { StatementOrder } from './statement-order.js';
import type { StatementSender } from './statement-sender.js';

/** A unit that is saved or undone as one: the transaction of a run, or a nested run, which is a savepoint in it. */
export class Subtransaction {
  readonly #sender: StatementSender;
  readonly #nextName: () => string;
  readonly #outer: Subtransaction | undefined;
  readonly #order: StatementOrder;
  readonly #savepoints: Savepoints;
  #abandoned: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(sender: StatementSender, nextName: () => string, outer: Subtransaction | undefined) {
    this.#sender = sender;
    this.#nextName = nextName;
    this.#outer = outer;
    this.#order = new StatementOrder(() => sender.idleMs);
    this.#savepoints = new Savepoints(nextName);
  }

  static ofRun(sender: StatementSender): Subtransaction {
    let savepoints = 0;
    return new Subtransaction(sender, () => `ringfence_${++savepoints}`, undefined);
  }

  /** @throws RingfenceError `not_in_context` for a nested run that has ended. */
  assertOpen(): void {
    if (!this.#isOpen) throw notInContext('the nested run that this was part of has ended');
  }

  /** @param owner what was checked out for a library's transaction. */
  async query<Row extends pg.QueryResultRow>(
    statement: pg.QueryConfig & { readonly text: string },
    owner: object,
  ): Promise<pg.QueryResult<Row>> {
    const kind = statementKind(statement.text);
    if (!isControl(kind)) {
      return this.#order.together(async () => {
        this.assertOpen();
        return this.#sender.send<Row>(statement);
      });
    }
    return this.#order.alone(async () => {
      this.assertOpen();
      return (await this.#move(kind, owner)) as pg.QueryResult<Row>;
    });
  }

  /** Runs a statement that is undone by itself when it fails, in one round trip. */
  queryAlone<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    return this.#order.alone(async () => {
      this.assertOpen();
      const name = this.#nextName();
      const [opened, answered] = await this.#sender.sendTogether([
        { text: `SAVEPOINT ${name}` },
        statement,
        { text: `RELEASE SAVEPOINT ${name}` },
      ]);
      if (opened?.status === 'rejected') throw opened.reason;
      if (answered?.status === 'rejected') await this.#undo(name);
      return fulfilled(answered as PromiseSettledResult<pg.QueryResult<Row>>);
    });
  }

  /**
   * Runs `work` in a savepoint: what it wrote is undone when it throws, and part of this one when it returns. Nested
   * runs that are asked for at once go one after the other.
   */
  nest<T>(work: (inner: Subtransaction) => Promise<T>): Promise<T> {
    return this.#order.alone(async () => {
      this.assertOpen();
      const name = this.#nextName();
      await this.#sender.send({ text: `SAVEPOINT ${name}` });
      const inner = new Subtransaction(this.#sender, this.#nextName, this);
      try {
        const result = await work(inner);
        await inner.end();
        await inner.#order.alone(async () => undefined);
        this.assertOpen();
        if (this.#sender.hasFailed) throw nothingSaved();
        await this.#sender.send({ text: `RELEASE SAVEPOINT ${name}` });
        return result;
      } catch (error) {
        inner.#isOver = true;
        await this.#undo(name);
        throw error;
      }
    });
  }

  /** Undoes what a library began on a connection that it gives back as broken: a pool would have closed it. */
  abandon(owner: object): void {
    const undone = this.#order.alone(async () => {
      this.assertOpen();
      while (this.#savepoints.isInTransactionOf(owner)) await this.#move({ kind: 'rollback' }, owner);
    });
    this.#abandoned = undone.catch(() => undefined);
  }

  /**
   * Takes no more statements. Those that were sent already are part of it.
   * @throws RingfenceError `not_in_context` when something has begun that would be saved in part.
   */
  async end(): Promise<void> {
    await this.#abandoned;
    this.#isOver = true;
    if (this.#savepoints.isInTransaction || !this.#order.isSettled) {
      throw notInContext(
        'a run ended before a nested run or a transaction of a library in it; nothing was saved',
      );
    }
  }

  get #isOpen(): boolean {
    return !this.#isOver && (this.#outer === undefined || this.#outer.#isOpen);
  }

  async #move(control: ControlStatement, owner: object): Promise<pg.QueryResult> {
    const { statements, done } = this.#savepoints.plan(control, owner);
    const outcomes = await this.#sender.sendTogether(statements.map((text) => ({ text })));
    const [answer] = outcomes.map(fulfilled);
    done();
    return answer as pg.QueryResult;
  }

  /**
   * A failed rollback leaves the transaction failed, so that nothing of the run is saved. When this one has ended
   * meanwhile, its own end took the savepoint along.
   */
  async #undo(name: string): Promise<void> {
    if (!this.#isOpen) return;
    await this.#sender.sendTogether([
      { text: `ROLLBACK TO SAVEPOINT ${name}` },
      { text: `RELEASE SAVEPOINT ${name}` },
    ]);
  }
}

const fulfilled = <T>(outcome: PromiseSettledResult<T>): T => {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
};

/** As the end of a run says it. */
const nothingSaved = (): RingfenceError =>
  new RingfenceError(
    'database_refused',
    'nothing of the nested run was saved: a statement of it had failed',
    {
      fix: 'wait for every statement and let its error leave the nested run',
    },
  );
