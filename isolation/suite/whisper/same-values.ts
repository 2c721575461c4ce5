import { attempt } from '../../attempt.js';
import { type CanaryTable, parentValues } from '../canary-tables.js';
import type { Outcome } from '../case.js';
import { each, type Family } from '../family.js';
import { held, leaked, unproven } from '../judge.js';
import { enter, rolledBack, type Stage } from '../stage.js';

const UNIQUE_VIOLATION = '23505';

/** The victim's row again, in the attacker's clinic: every value the same but the clinic and what refers to its rows. */
const sameValues = async (stage: Stage, table: CanaryTable): Promise<Outcome> => {
  if (table.keyColumns.length === 0) return held('one row a clinic: it has no other key');
  const { rows } = await stage.admin.query<{ row: Record<string, unknown> }>(
    `SELECT to_jsonb(t) AS row FROM ${table.name} t WHERE clinic_id = $1 LIMIT 1`,
    [stage.b.clinicId],
  );
  const row = rows[0]?.row;
  if (row === undefined) return unproven('no row of the victim could be planted there');
  const { admin: client } = stage;
  return rolledBack(client, async () => {
    // The attacker's own canary may have the same key, which would say nothing of the victim.
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(`DELETE FROM ${table.name} WHERE clinic_id = $1`, [stage.a.clinicId]);
    await client.query('SET LOCAL session_replication_role = origin');
    await client.query('SET LOCAL SESSION AUTHORIZATION ringfence_app');
    await enter(stage, client, stage.a);
    const parents = parentValues(stage.tables, table, stage.a);
    const columns = table.columns.filter((column) => !(column in parents));
    const { sqlstate } = await attempt(
      client,
      `INSERT INTO ${table.name} (clinic_id, ${[...columns, ...Object.keys(parents)].join(', ')}) OVERRIDING SYSTEM VALUE
       SELECT $2::uuid, ${[...columns.map((column) => `r.${column}`), ...Object.values(parents)].join(', ')}
         FROM jsonb_populate_record(NULL::${table.name}, $1) r`,
      [row, stage.a.clinicId],
    );
    return sqlstate === UNIQUE_VIOLATION
      ? leaked('a unique key says that another clinic has the value')
      : held(
          sqlstate === undefined ? 'it goes through' : `refused for another reason (SQLSTATE ${sqlstate})`,
        );
  });
};

/** Every unique key of every tenant table, not the primary key alone. */
export const SAME_VALUES: Family = {
  scenario: 'whisper',
  id: 'same-values',
  isolation: [6, 7],
  tried: (of) => `Adding an own row to ${of} with every value of another clinic's row`,
  expected: 'no unique key notices',
  over: (stage) => stage.tables.map(({ name }) => name),
  attack: (stage) =>
    each(
      stage.tables.map(({ name }) => name),
      async (name) => {
        const table = stage.tables.find((one) => one.name === name);
        return table ? sameValues(stage, table) : unproven('the table is gone');
      },
    ),
};
