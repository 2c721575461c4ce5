import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** A relation that the application may read; `boundary` is the column that says whose a row is. */
export interface Readable {
  readonly name: string;
  readonly boundary: string;
}

/** A column that a row cannot be without. `kind` is Postgres' pg_type.typcategory. */
export interface RequiredColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly label: string | null;
  readonly check: string | null;
}

/** A tenant table. Names are quoted where they need to be. */
export interface Writable {
  readonly name: string;
  readonly mayUpdate: boolean;
  readonly mayDelete: boolean;
  /** Every column but clinic_id that takes a value. */
  readonly columns: readonly string[];
  readonly required: readonly RequiredColumn[];
}

export interface ProbeObjects {
  readonly readable: readonly Readable[];
  readonly writable: readonly Writable[];
}

const READABLE = readFileSync(new URL('./queries/readable.sql', import.meta.url), 'utf8');
const WRITABLE = readFileSync(new URL('./queries/writable.sql', import.meta.url), 'utf8');

/** Reads the objects of the connected cell that a probe can attack. */
export const readObjects = async (client: pg.ClientBase): Promise<ProbeObjects> => ({
  readable: (await client.query<Readable>(READABLE)).rows,
  writable: (await client.query<Writable>(WRITABLE)).rows,
});
