import { readFileSync } from 'node:fs';
import type pg from 'pg';

const UNDECLARED = readFileSync(new URL('./undeclared.sql', import.meta.url), 'utf8');

/** The roles of every cell (roles.sql). */
const ROLES = ['ringfence_app', 'ringfence_gate', 'ringfence_keeper', 'ringfence_owner', 'ringfence_tenant'];

/** Something that somebody made by hand. */
export interface Undeclared {
  readonly kind: 'database' | 'role' | 'publication' | 'subscription';
  readonly name: string;
}

/** What is on the server of a cell, or in its database, that no program of Ringfence has made, by kind and name. */
export const readUndeclared = async (client: pg.ClientBase): Promise<Undeclared[]> =>
  (await client.query<Undeclared>(UNDECLARED, [ROLES])).rows;
