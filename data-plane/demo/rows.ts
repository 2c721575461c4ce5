import { copyLine } from '../database/copy-text.js';
import { DEMO_TABLES, type DemoRow, type DemoTable } from './tables.js';

/** Rows on their way to the database, as COPY text by table. */
export interface RowBatch {
  /** Rows in it. */
  readonly count: number;
  add<T extends DemoTable>(table: T, clinicId: string, id: string, row: DemoRow<T>): void;
  /** The tables that have rows, parents first. */
  tables(): readonly { readonly table: DemoTable; readonly rows: number; readonly text: Buffer }[];
}

export const rowBatch = (): RowBatch => {
  const lines = new Map<DemoTable, string[]>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(table, clinicId, id, row) {
      const cells: Readonly<Record<string, (typeof row)[keyof typeof row]>> = row;
      const values = DEMO_TABLES[table].slice(2).map((column) => cells[column] ?? null);
      const ofTable = lines.get(table) ?? [];
      ofTable.push(copyLine([clinicId, id, ...values]));
      lines.set(table, ofTable);
      count += 1;
    },
    tables: () =>
      (Object.keys(DEMO_TABLES) as DemoTable[]).flatMap((table) => {
        const ofTable = lines.get(table);
        return ofTable === undefined
          ? []
          : [{ table, rows: ofTable.length, text: Buffer.from(ofTable.join(''), 'utf8') }];
      }),
  };
};
