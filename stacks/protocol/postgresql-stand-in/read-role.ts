import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { RoleAttributes } from './role-attributes.js';

const ROLE = readFileSync(new URL('./queries/role.sql', import.meta.url), 'utf8');

/** A role as in the catalogue, without the values that only the state has. */
export type FoundRole = Omit<RoleAttributes, 'encryptedPassword' | 'skipDropRole' | 'skipReassignOwned'>;

export const readRole = async (client: pg.ClientBase, name: string): Promise<FoundRole | undefined> => {
  const { rows } = await client.query<FoundRole & { searchPath: string | null }>(ROLE, [name]);
  const [row] = rows;
  if (!row) return undefined;
  const { searchPath, ...found } = row;
  return { ...found, searchPaths: searchPath?.split(', ').map(withoutQuotes) ?? [] };
};

const withoutQuotes = (name: string): string => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"');
