import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { notInContext } from './not-in-context.js';
import type { ControlStatement } from './statement-kind.js';

interface Savepoint {
  readonly name: string;
  /** The library whose transaction this savepoint is; undefined for a savepoint of the application. */
  readonly owner?: object;
}

/** The statement that is sent for one that controls transactions, and the state that follows from it. */
export interface SavepointPlan {
  readonly statements: readonly [string, ...string[]];
  done(): void;
}

/**
 * The savepoints that are open in one run, or in one nested run: those of the application, and those that stand for
 * transactions of libraries. A library's BEGIN shuts off what was open before it, as a transaction would.
 */
export class Savepoints {
  readonly #nextName: () => string;
  #open: readonly Savepoint[] = [];

  /** @param nextName gives a name that no other savepoint of the run has. */
  constructor(nextName: () => string) {
    this.#nextName = nextName;
  }

  /** Says whether a library has an open transaction. */
  get isInTransaction(): boolean {
    return this.#lastBegun >= 0;
  }

  /** Says whether the last begun transaction is this library's. */
  isInTransactionOf(owner: object): boolean {
    return this.#open[this.#lastBegun]?.owner === owner;
  }

  /**
   * @param owner who sends the statement: the connection that a library checked out.
   * @throws RingfenceError `not_in_context` for an end of a transaction that the owner did not begin last;
   *   `statement_not_allowed` for a savepoint that is not open.
   */
  plan(control: ControlStatement, owner: object): SavepointPlan {
    switch (control.kind) {
      case 'begin': {
        const name = this.#nextName();
        const set = control.isReadOnly ? ['SET TRANSACTION READ ONLY'] : [];
        return this.#planOpen({ name, owner }, set);
      }
      case 'savepoint':
        return this.#planOpen({ name: control.name }, []);
      case 'commit':
        return this.#planEnd(owner, (name) => [`RELEASE SAVEPOINT ${name}`]);
      case 'rollback':
        return this.#planEnd(owner, (name) => [`ROLLBACK TO SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`]);
      case 'release': {
        const position = this.#positionOf(control.name);
        return this.#plan([`RELEASE SAVEPOINT ${quoted(control.name)}`], this.#open.slice(0, position));
      }
      case 'rollback to': {
        const position = this.#positionOf(control.name);
        const kept = this.#open.slice(0, position + 1);
        return this.#plan([`ROLLBACK TO SAVEPOINT ${quoted(control.name)}`], kept);
      }
    }
  }

  #planOpen(savepoint: Savepoint, after: readonly string[]): SavepointPlan {
    return this.#plan([`SAVEPOINT ${quoted(savepoint.name)}`, ...after], [...this.#open, savepoint]);
  }

  #planEnd(owner: object, statements: (name: string) => SavepointPlan['statements']): SavepointPlan {
    const position = this.#lastBegun;
    const begun = this.#open[position];
    if (!begun) {
      throw notInContext('the transaction belongs to the run, which commits or rolls back by itself');
    }
    if (begun.owner !== owner) {
      throw notInContext('two transactions of libraries overlap on the one connection of a run');
    }
    return this.#plan(statements(quoted(begun.name)), this.#open.slice(0, position));
  }

  #plan(statements: SavepointPlan['statements'], open: readonly Savepoint[]): SavepointPlan {
    return {
      statements,
      done: () => {
        this.#open = open;
      },
    };
  }

  /** The position of the last BEGIN of a library that has not ended, or -1. */
  get #lastBegun(): number {
    return this.#open.map(({ owner }) => owner !== undefined).lastIndexOf(true);
  }

  /** A statement reaches only savepoints that were set since the last BEGIN. */
  #positionOf(name: string): number {
    const position = this.#open.map((savepoint) => savepoint.name).lastIndexOf(name);
    if (position > this.#lastBegun) return position;
    throw new RingfenceError('statement_not_allowed', 'no savepoint of this name is open here', {
      fix: 'name a savepoint of the same run, and of the same transaction of a library',
    });
  }
}

const quoted = pg.escapeIdentifier;
