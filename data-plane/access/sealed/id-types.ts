import { readFileSync } from 'node:fs';
import { RingfenceError } from '../../../core/errors.js';
import { storedForm } from '../../keys/stored-id.js';
import type { ScopedClient } from '../context/scoped-client.js';
import { storedOtherwise } from './row-id.js';

const ID_TYPE = readFileSync(new URL('./queries/id-type.sql', import.meta.url), 'utf8');

/** The stored form of a table's ids. */
export interface IdTypes {
  /** @throws RingfenceError `usage` for an id that no row of the table has, as it is written. */
  assertStored(table: string, id: string): Promise<void>;
}

/** Asks for the type of a table's id once. */
export const idTypes = (client: ScopedClient): IdTypes => {
  const asked = new Map<string, Promise<RegExp | undefined>>();
  const formOf = async (table: string): Promise<RegExp | undefined> => {
    const { rows } = await client.query<{ type: string }>(ID_TYPE, [table]);
    const type = rows[0]?.type;
    if (type === undefined) throw new RingfenceError('usage', `${table} has no column id`);
    return storedForm(type);
  };
  return {
    assertStored: async (table, id) => {
      const form = asked.get(table) ?? formOf(table);
      asked.set(table, form);
      if ((await form)?.test(id) === false) throw storedOtherwise(table);
    },
  };
};
