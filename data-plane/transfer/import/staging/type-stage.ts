import pg from 'pg';
import { quoted } from '../../../backup/tenant/identifiers.js';
import type { TargetColumn } from '../target-tables.js';
import { type Finding, findings } from './findings.js';
import type { Stage } from './stage.js';

const FREE_TEXT = new Set(['text', 'character varying']);

/**
 * Makes `stage.typed`: the staged texts with the types of their columns, as Postgres reads them. What it does not take
 * is NULL there, named in `bad`, and returned.
 */
export const typeStage = async (client: pg.ClientBase, stage: Stage): Promise<Finding[]> => {
  const { raw, typed, columns, marks } = stage;
  const checked = columns.filter(({ sealed, type }) => !sealed && !FREE_TEXT.has(type));
  const newlyBad = checked.map(
    (column) => `CASE WHEN NOT (${isValid(column)}) THEN ${pg.escapeLiteral(column.storedAs)} END`,
  );
  const values = columns.flatMap((column) => {
    const name = quoted(column.storedAs);
    const value = checked.includes(column)
      ? `CASE WHEN ${isValid(column)} THEN ${name}::${column.type} END AS ${name}`
      : name;
    return column.sealed && column.index ? [value, quoted(column.index.column)] : [value];
  });
  const faults = newlyBad.length === 0 ? `'{}'::text[]` : `array_remove(ARRAY[${newlyBad.join(', ')}], NULL)`;
  await client.query(
    `CREATE TEMP TABLE ${typed} ON COMMIT DROP AS
       SELECT ${marks.file}, ${marks.line}, clinic_id, ${marks.bad} || ${faults} AS ${marks.bad}, ${faults} AS ${marks.faults}, ${values.join(', ')} FROM ${raw}`,
  );
  await client.query(`DROP TABLE ${raw}`);
  await client.query(`ANALYZE ${typed}`);
  const types = new Map(columns.map(({ storedAs, type }) => [storedAs, type]));
  return findings(
    client,
    `SELECT r.${marks.file} AS file, r.${marks.line} AS line, fault.name AS "column" FROM ${typed} r CROSS JOIN unnest(r.${marks.faults}) AS fault (name)`,
    ({ column }) => `is not a value of the type ${types.get(column ?? '') ?? '?'}`,
  );
};

/** Of NULL true: whether it may be is another question. */
const isValid = ({ storedAs, type }: TargetColumn): string =>
  `${quoted(storedAs)} IS NULL OR pg_input_is_valid(${quoted(storedAs)}, ${pg.escapeLiteral(type)})`;
