import pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import { refused } from '../archive/refused.js';
import type { BackupTable } from './catalogue.js';

/** A change of a table or a column since a backup was taken. */
export interface SchemaChange {
  /** `schema.table` */
  readonly table: string;
  /** Null for the table as a whole. */
  readonly column: string | null;
  /**
   * `gone`: left out. `new`: rows that come back take its default, others keep what they have. `converted`: to the type
   * of now.
   */
  readonly change: 'gone' | 'new' | 'converted';
  /** Types as Postgres writes them. */
  readonly was?: string;
  readonly is?: string;
}

/** The fit of a section's rows into the present table. */
export interface TableShape {
  /** Empty when table and section have the same columns, of the same types. */
  readonly changes: readonly SchemaChange[];
  /** The type that each column of the section is read as, as SQL, when they have not. */
  readonly readAs: ReadonlyMap<string, string>;
  /** Columns of a type that the cell has not any more. */
  readonly unread: readonly string[];
}

/** A column of a backup beside that of the cell. */
export interface ComparedColumn {
  readonly table: string;
  readonly column: string;
  readonly was: string | null;
  readonly is: string | null;
}

/** Whatever its type was, COPY BINARY reads it as bytes: nobody looks at it. */
const UNREAD = 'bytea';

/**
 * Compares a section with its table, column by column.
 *
 * @param columns of this table, in the backup and in the cell.
 * @throws RingfenceError backup_refused for a section that has other columns than the backup says.
 */
export const shapeOf = async (
  client: pg.ClientBase,
  table: BackupTable,
  section: ArchiveSection,
  columns: readonly ComparedColumn[],
): Promise<TableShape> => {
  assertTold(section, columns);
  const changes = columns.flatMap(({ column, was, is }): SchemaChange[] => {
    if (was === is) return [];
    if (is === null) return [{ table: table.name, column, change: 'gone', ...(was && { was }) }];
    if (was === null) return [{ table: table.name, column, change: 'new', is }];
    return [{ table: table.name, column, change: 'converted', was, is }];
  });
  const readAs = new Map<string, string>();
  const unread: string[] = [];
  if (changes.length === 0) return { changes, readAs, unread };
  for (const { column, was, is } of columns) {
    if (was === null) continue;
    const type = is === null ? undefined : await typeOf(client, was);
    readAs.set(column, type ?? UNREAD);
    if (is !== null && type === undefined) unread.push(column);
  }
  return { changes, readAs, unread };
};

/** The manifest and the section of columns say the same. */
export const assertTold = (section: ArchiveSection, columns: readonly ComparedColumn[]): void => {
  const told = columns.filter(({ was }) => was !== null).map(({ column }) => column);
  const isSame =
    told.length === section.columns.length && section.columns.every((column) => told.includes(column));
  if (!isSame) throw refused(`section ${section.name} has not the columns of its table`);
};

/** A type by its name in the archive, which is text of others: Postgres reads it, and writes it as SQL. */
const typeOf = async (client: pg.ClientBase, type: string): Promise<string | undefined> => {
  try {
    await client.query('SAVEPOINT reads_type');
    const { rows } = await client.query<{ type: string | null }>(
      'SELECT format_type(to_regtype($1)::oid, NULL) AS type',
      [type],
    );
    return rows[0]?.type === '-' ? undefined : (rows[0]?.type ?? undefined);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT reads_type');
    return undefined;
  } finally {
    await client.query('RELEASE SAVEPOINT reads_type');
  }
};
