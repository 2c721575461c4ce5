import { readFileSync } from 'node:fs';
import type pg from 'pg';

const PLACES = readFileSync(new URL('./queries/places.sql', import.meta.url), 'utf8');

/** A column that says whose a row is. Names are quoted. */
export interface Place {
  /** `schema.table` */
  readonly table: string;
  readonly column: string;
}

/** Every column of the database that names a tenant or a clinic, tables that nobody protected included. */
export const readPlaces = async (admin: pg.ClientBase): Promise<Place[]> =>
  (await admin.query<Place>(PLACES)).rows;
