import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { RowBatch } from './rows.js';
import { DEMO_TABLES, type DemoTable } from './tables.js';

/** Copies the rows in, parents first. Adds to `counts` what was copied. */
export const copyBatch = async (
  client: pg.ClientBase,
  batch: RowBatch,
  counts: Map<string, number>,
): Promise<void> => {
  for (const { table, rows, text } of batch.tables()) {
    const copy = client.query(copyFrom(copyStatement(table)));
    copy.end(text);
    await finished(copy);
    const name = `clinical.${table}`;
    counts.set(name, (counts.get(name) ?? 0) + rows);
  }
};

const copyStatement = (table: DemoTable): string =>
  `COPY clinical.${table} (${DEMO_TABLES[table].join(', ')}) FROM STDIN (ENCODING 'UTF8')`;
