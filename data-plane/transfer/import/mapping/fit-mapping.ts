import type { Problem } from '../../../../manifest/problems.js';
import { suggest } from '../../../../manifest/suggest.js';
import type { Encoding } from '../csv/encodings.js';
import type { ImportSource } from '../source/source.js';
import type { TargetColumn, TargetTable, TargetTables } from '../target-tables.js';
import { isNumeric } from './read-number.js';
import type { ColumnSpec, MappedFile, Mapping } from './schema.js';

/** A file of a mapping with the table and columns that it fills, which are there. */
export interface FittedFile {
  readonly file: MappedFile;
  /** As the source names it. */
  readonly path: string;
  /** What the mapping says. */
  readonly encoding: Encoding | undefined;
  readonly separator: string;
  readonly table: TargetTable;
  readonly columns: readonly { readonly column: TargetColumn; readonly spec: ColumnSpec }[];
}

/** Holds a mapping against the files and the database: either every file fits, or `problems` says what does not. */
export const fitMapping = (
  mapping: Mapping,
  source: ImportSource,
  { tables, leftOut }: TargetTables,
): { readonly files: readonly FittedFile[]; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = [];
  const files = mapping.files.flatMap((file, at): FittedFile[] => {
    const tell = (path: readonly PropertyKey[], message: string, where: Problem['at'] = 'value'): void =>
      void problems.push({ path: ['files', at, ...path], message, at: where });
    const paths = pathsOf(source, file.file);
    if (paths.length !== 1)
      tell(['file'], paths.length === 0 ? 'is no file of the source' : 'is the name of several files');
    const table = tables.find(({ name }) => name === file.table);
    if (table === undefined) {
      const isPlatform = leftOut.has(file.table);
      const names = tables.map(({ name }) => name);
      tell(
        ['table'],
        isPlatform ? 'is written by the platform only' : `is no table${suggest(file.table, names)}`,
      );
      return [];
    }
    const columns = columnsOf(file, table, tables, tell);
    requireWhole(table, columns, tell);
    return [
      {
        file,
        path: paths[0] ?? file.file,
        encoding: file.encoding ?? mapping.encoding,
        separator: file.separator ?? mapping.separator,
        table,
        columns,
      },
    ];
  });
  return { files, problems };
};

/** Files of a name, whose accents a source may write in one way and a mapping in another (macOS takes names apart). */
const pathsOf = ({ files }: ImportSource, name: string): string[] =>
  files.has(name)
    ? [name]
    : [...files.keys()].filter((path) => path.normalize('NFC') === name.normalize('NFC'));

type Tell = (path: readonly PropertyKey[], message: string, where?: Problem['at']) => void;

const columnsOf = (
  file: MappedFile,
  table: TargetTable,
  tables: readonly TargetTable[],
  tell: Tell,
): FittedFile['columns'] =>
  [...file.columns].flatMap(([name, spec]) => {
    const column = table.columns.find((known) => known.name === name);
    const path = ['columns', name];
    if (column === undefined) {
      const names = table.columns.map((known) => known.name);
      tell(path, `is no column of ${table.name}${suggest(name, names)}`, 'key');
      return [];
    }
    if (spec.id !== undefined && column.type !== 'uuid')
      tell([...path, 'id'], `is for columns of the type uuid; ${name} is ${column.type}`);
    if (spec.of !== undefined && !tables.some((known) => known.name === spec.of))
      tell([...path, 'of'], 'is no table that can be imported');
    const isTime = column.type === 'date' || column.type.startsWith('timestamp');
    const pattern = spec.date === undefined ? 'time' : 'date';
    if (spec[pattern] !== undefined && !isTime)
      tell([...path, pattern], `is for dates and times; ${name} is ${column.type}`);
    const numberKey = (['decimal', 'thousands', 'round'] as const).find((key) => spec[key] !== undefined);
    if (numberKey !== undefined && !isNumeric(column.type.replace(/\[\]$/, '')))
      tell([...path, numberKey], `is for numbers; ${name} is ${column.type}`);
    if (spec.list !== undefined && !column.type.endsWith('[]'))
      tell([...path, 'list'], `is for lists; ${name} is ${column.type}`);
    return [{ column, spec }];
  });

const requireWhole = (table: TargetTable, columns: FittedFile['columns'], tell: Tell): void => {
  const given = new Set(columns.map(({ column }) => column.storedAs));
  for (const { name, storedAs, required } of table.columns) {
    if (given.has(storedAs)) continue;
    // A key that the database would make anew in each run would double the rows.
    const isKey = table.primaryKey.includes(storedAs);
    if (isKey || (required && !table.defaults.has(storedAs)))
      tell(['columns'], `has no ${name}, which ${table.name} requires`, 'key');
  }
};
