import type pg from 'pg';
import { attempt, execute, type Failure, type RepairRun } from './attempt.js';

/** A thing of the release with the statements that make it and take it away, either of which may be missing. */
export interface Making {
  readonly kind: string;
  readonly object: string;
  readonly unmake: string | null;
  readonly make: string | null;
}

/** invalid_function_definition, invalid_table_definition, wrong_object_type: what is there cannot be replaced by what is wanted. */
const IRREPLACEABLE = new Set(['42P13', '42P16', '42809']);

/** foreign_key_violation, check_violation: of rows that are there. */
const BROKEN_BY_ROWS = new Set(['23503', '23514']);

/** Makes a thing as the release has it. @returns why it is not, or not wholly. */
export const makeAgain = async (run: RepairRun, thing: Making): Promise<Failure | undefined> => {
  const { kind, object, make } = thing;
  const replace = () => execute(run.client, thing.unmake, make);
  const takesKeysAway = thing.unmake !== null && (kind === 'constraint' || kind === 'index');
  const failure = await attempt(run, takesKeysAway ? () => keepingColumns(run.client, replace) : replace);
  if (!failure) return undefined;
  if (IRREPLACEABLE.has(failure.sqlState) && (kind === 'function' || kind === 'view')) {
    const drop = `DROP ${kind === 'view' ? 'VIEW' : 'ROUTINE'} ${object} CASCADE`;
    return attempt(run, () => keepingColumns(run.client, () => execute(run.client, drop, make)));
  }
  const owner =
    kind === 'owner' &&
    failure.sqlState === '42501' &&
    /^ALTER (?!SCHEMA).* OWNER TO (\S+)$/.exec(make ?? '');
  if (owner) {
    // Only a superuser gives an object to a role that could not have made it.
    const [schema] = object.split('.');
    return attempt(run, () =>
      execute(
        run.client,
        `GRANT CREATE ON SCHEMA ${schema} TO ${owner[1]}`,
        make,
        `REVOKE CREATE ON SCHEMA ${schema} FROM ${owner[1]}`,
      ),
    );
  }
  // New rows are held to it at least.
  if (BROKEN_BY_ROWS.has(failure.sqlState) && kind === 'constraint' && make?.includes(' ADD CONSTRAINT '))
    await attempt(run, () => execute(run.client, thing.unmake, `${make} NOT VALID`));
  return failure;
};

/** Columns of tables and views that would go with what they depend on stop `work`; the release's own views are made again. */
const keepingColumns = async (
  client: pg.Client,
  work: () => Promise<undefined>,
): Promise<Failure | undefined> => {
  const before = await columnsOf(client);
  await work();
  const after = new Set(await columnsOf(client));
  const dependents = before.filter((column) => !after.has(column));
  return dependents.length > 0 ? { sqlState: '2BP01', dependents } : undefined;
};

const columnsOf = async (client: pg.Client): Promise<string[]> => {
  const { rows } = await client.query<{ column: string }>(
    `SELECT format('%s.%I', a.attrelid::regclass, a.attname) AS column
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384
        AND NOT EXISTS (SELECT FROM ringfence_private.release r WHERE r.kind = 'view' AND r.object = c.oid::regclass::text)`,
  );
  return rows.map(({ column }) => column);
};
