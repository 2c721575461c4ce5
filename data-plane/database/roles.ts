import { readFileSync } from 'node:fs';
import type pg from 'pg';

const ROLES = readFileSync(new URL('./roles.sql', import.meta.url), 'utf8');

/** Makes the roles of a cell on a server that no engine manages. Safe to run again. */
export const createRoles = async (client: pg.Client): Promise<void> => {
  await client.query(ROLES);
};
