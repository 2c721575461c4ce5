import { createHash } from 'node:crypto';
import pg from 'pg';
import { isName } from '../../core/postgres-name.js';

/** The two names of a table, as Postgres stores them. */
interface TableParts {
  readonly schema: string;
  readonly table: string;
}

const PLAIN = /^[a-z0-9_]+$/;
const PLAIN_TABLE = /^[a-z0-9_]+\.[a-z0-9_]+$/;
const PART = '(?:"((?:[^"]|"")+)"|([^".]+))';
const TABLE = new RegExp(`^${PART}\\.${PART}$`, 's');
const STEM_CHARACTERS = 80;
const HASH_CHARACTERS = 12;

/**
 * `schema.table`, each part in double quotes unless it is of `[a-z0-9_]` (docs/formats.md, "Names of tables"). No two tables
 * have the same, whatever dots and quotes their names have, and no version of Postgres writes it otherwise.
 */
export const tableName = ({ schema, table }: TableParts): string => `${part(schema)}.${part(table)}`;

const part = (name: string): string => (PLAIN.test(name) ? name : pg.escapeIdentifier(name));

/** `tableName` in SQL. @param schema, table expressions. */
export const tableNameSql = (schema: string, table: string): string =>
  [schema, table]
    .map(
      (name) =>
        `CASE WHEN ${name} ~ '^[a-z0-9_]+$' THEN ${name}::text ELSE '"' || replace(${name}::text, '"', '""') || '"' END`,
    )
    .join(` || '.' || `);

/** The name that `tableName` gives a table, also where a person left out quotes that are not needed to read it. */
export const readTableName = (text: string): string | undefined => {
  const parts = partsOf(text);
  return parts && tableName(parts);
};

/** @param name as `readTableName` reads it, or a table's own name without a schema. @returns SQL */
export const quotedTable = (name: string): string => {
  const parts = partsOf(name);
  return parts === undefined
    ? pg.escapeIdentifier(name)
    : `${pg.escapeIdentifier(parts.schema)}.${pg.escapeIdentifier(parts.table)}`;
};

const partsOf = (text: string): TableParts | undefined => {
  const [, quotedSchema, bareSchema = '', quoted, bare = ''] = TABLE.exec(text) ?? [];
  const schema = quotedSchema?.replaceAll('""', '"') ?? bareSchema;
  const table = quoted?.replaceAll('""', '"') ?? bare;
  return isName(schema) && isName(table) ? { schema, table } : undefined;
};

/**
 * What a file with a table's rows is called: the table's name where that is plain, else what is left of it and the start
 * of its SHA-256. Of `[a-z0-9_.-]`, so it is a file name everywhere, also where upper case is lower case.
 */
export const tableFile = (name: string): string => {
  if (PLAIN_TABLE.test(name)) return name;
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-/, '')
    .slice(0, STEM_CHARACTERS);
  return `${stem}-${createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS)}`;
};
