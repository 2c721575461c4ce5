import { difference } from './deviation.js';

/** The table to which every write adds. Its keys are unknown until they are read. */
export const AUDIT_TABLE = 'clinical.audit_events';

/** A transaction's change of one row. Rows of the audit log have no key that the model knows. */
export interface Change {
  readonly clinicId: string;
  /** `schema.table` */
  readonly table: string;
  readonly key: string | undefined;
  readonly added: boolean;
}

/** Rows of one table and clinic: those whose key is known, and how many others. */
export interface Rows {
  readonly keys: ReadonlySet<string>;
  readonly unnamed: number;
}

const NONE: Rows = { keys: new Set(), unnamed: 0 };

/** The rows of each clinic, by table. A change makes new sets, so a copy of the map is a copy of the model. */
export class Model {
  readonly #rows: Map<string, Rows>;

  constructor(rows: ReadonlyMap<string, Rows> = new Map()) {
    this.#rows = new Map(rows);
  }

  copy(): Model {
    return new Model(this.#rows);
  }

  of(clinicId: string, table: string): Rows {
    return this.#rows.get(`${clinicId} ${table}`) ?? NONE;
  }

  /** The model as seen by a transaction with these changes. */
  seenBy(changes: readonly Change[], clinicId: string, table: string): Rows {
    const own = changes.filter((change) => change.clinicId === clinicId && change.table === table);
    if (own.length === 0) return this.of(clinicId, table);
    const seen = this.copy();
    seen.apply(own);
    return seen.of(clinicId, table);
  }

  apply(changes: readonly Change[]): void {
    for (const { clinicId, table, key, added } of changes) {
      const { keys, unnamed } = this.of(clinicId, table);
      const next = new Set(keys);
      if (key !== undefined && added) next.add(key);
      if (key !== undefined && !added) next.delete(key);
      this.#rows.set(`${clinicId} ${table}`, {
        keys: next,
        unnamed: key === undefined ? unnamed + 1 : unnamed,
      });
    }
  }
}

export const countOf = ({ keys, unnamed }: Rows): number => keys.size + unnamed;

/** @param all says whether every row must be there; a user's role may show fewer. */
export const compareRows = (table: string, seen: readonly string[], expected: Rows, all: boolean): void => {
  const known = new Set(seen);
  const unknown = seen.filter((key) => !expected.keys.has(key)).length;
  const missing = [...expected.keys].filter((key) => !known.has(key)).length;
  if (unknown > expected.unnamed || (all && (missing > 0 || unknown < expected.unnamed)))
    throw difference(
      `${table} shows ${seen.length} rows: ${unknown} new ones where ${expected.unnamed} were written, ${missing} missing`,
    );
};
