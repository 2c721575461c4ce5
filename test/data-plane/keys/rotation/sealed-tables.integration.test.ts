import { describe, expect, it } from 'vitest';
import {
  REFERENCE_SEALED_COLUMNS,
  type SealedColumns,
} from '../../../../data-plane/access/sealed/sealed-columns.js';
import { readSealedTables } from '../../../../data-plane/keys/rotation/sealed-tables.js';
import { inScratch, useDatabase } from '../../../support/cell-database.js';

const TABLE = `CREATE TABLE public.cards (id text PRIMARY KEY, "holder Name_sealed" bytea, note_sealed bytea, note_index bytea);
  SELECT ringfence.protect('public.cards');`;

describe('The sealed columns of a cell', () => {
  const db = useDatabase();

  it('are those that the access library knows of the reference schema, with their indexes', async () => {
    const tables = await inScratch(db.admin, readSealedTables);
    const declared = Object.entries(REFERENCE_SEALED_COLUMNS as SealedColumns).map(([name, columns]) => ({
      name,
      fields: Object.values(columns).map(({ sealed, index = null }) => ({ column: sealed, index })),
    }));
    const found = tables.map(({ name, fields }) => ({ name, fields }));
    expect(found).toHaveLength(declared.length);
    expect(found).toEqual(expect.arrayContaining(declared));
  });

  it("are an application's too, once it declares how its indexes are made", async () => {
    const tables = await inScratch(db.admin, async (client) => {
      await client.query(`${TABLE} COMMENT ON COLUMN public.cards.note_index IS 'blind index: name'`);
      return readSealedTables(client);
    });
    expect(tables).toContainEqual(
      expect.objectContaining({
        name: 'public.cards',
        key: '"id"',
        keyType: 'text',
        fields: [
          { column: 'holder Name_sealed', index: null },
          { column: 'note_sealed', index: { column: 'note_index', kind: 'name' } },
        ],
      }),
    );
  });

  it.each([
    ['an index that nobody declares', TABLE, /note_index is made is not declared/],
    [
      'an index without its sealed column',
      `${TABLE} ALTER TABLE public.cards DROP COLUMN note_sealed`,
      /no sealed column beside it/,
    ],
    [
      'a key of several columns',
      `CREATE TABLE public.cards (a int, b int, note_sealed bytea, PRIMARY KEY (a, b)); SELECT ringfence.protect('public.cards')`,
      /no primary key \(clinic_id, id\)/,
    ],
  ])('are refused with %s', async (_, sql, message) => {
    const attempt = inScratch(db.admin, async (client) => {
      await client.query(sql);
      return readSealedTables(client);
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'schema_unsafe',
      message: expect.stringMatching(message),
    });
  });
});
