import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import { verifyBackup } from '../../../data-plane/backup/tenant/verify.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { withdraw } from '../../../data-plane/enrolment/withdraw.js';
import { attempt } from '../../attempt.js';
import { CANARY_OBJECTS } from '../canary-ids.js';
import type { Outcome, SuiteCase } from '../case.js';
import { each, type Family } from '../family.js';
import { countRows, held, judgeRefusal, leaked, unproven } from '../judge.js';
import { memoryStore } from '../memory-store.js';
import { keyOf } from '../poisoned-lifeboat/archives.js';
import { ENTER, rolledBack, type Stage, tokenFor } from '../stage.js';
import { mustRefuse } from '../wrong-key/refusals.js';
import { enrolAgain, GHOST_PLAN, type Ghost, ghost } from './ghost.js';

const CLINIC_INACTIVE = 'RF001';

/** Every place of the database that names tenants or clinics. */
export const REMAINS: Family = {
  scenario: 'ghost-tenant',
  id: 'remains',
  isolation: [25],
  tried: (of) => `Hunting in ${of} for the ids of a tenant that was withdrawn`,
  expected: 'not a single row',
  over: (stage) => stage.places.map(({ table, column }) => `${table}.${column}`),
  attack: async (stage) => {
    const { clinic, lived } = await ghost(stage);
    return each(
      stage.places.map(({ table, column }) => `${table}.${column}`),
      async (place) => {
        const { table, column } =
          stage.places.find((known) => `${known.table}.${known.column}` === place) ?? {};
        const { rowCount } = await stage.admin.query(
          `SELECT FROM ${table} WHERE ${column} = ANY ($1::uuid[])`,
          [[clinic.tenantId, clinic.clinicId]],
        );
        if (!lived) return unproven('the tenant was not seen to live before');
        return rowCount === 0 ? held('none') : leaked(`${countRows(rowCount ?? 0)} left`);
      },
    );
  },
};

const hunt = (
  id: string,
  isolation: readonly number[],
  tried: string,
  expected: string,
  attack: (stage: Stage, ghost: Ghost) => Promise<Outcome>,
): SuiteCase => ({
  id: `ghost-tenant/${id}`,
  isolation,
  tried,
  expected,
  run: async (stage) => {
    const known = await ghost(stage);
    return known.lived ? attack(stage, known) : unproven('the tenant was not seen to live before');
  },
});

const show = (stage: Stage, token: Buffer): Promise<Outcome> =>
  rolledBack(stage.first, async () =>
    judgeRefusal(await attempt(stage.first, ENTER, [token]), [CLINIC_INACTIVE]),
  );

/** Cases on everything that an erased tenant could still open, or that could bring it back. */
export const HUNTS: readonly SuiteCase[] = [
  hunt(
    'marks',
    [25],
    "Searching small tables that name no clinic for the erased tenant's marks, in any column",
    'none of them',
    searchMarks,
  ),
  hunt(
    'copy',
    [25],
    'Looking for the schema into which a restore had copied its rows',
    'it is gone, and nothing says that it was there',
    async (stage, { copy, clinic }) => {
      if (copy === undefined) return unproven('no copy could be made before');
      const { rowCount } = await stage.admin.query(
        `SELECT FROM pg_namespace WHERE nspname = $1
         UNION ALL SELECT FROM ringfence.global_tables WHERE schema_name = $1 OR strpos(reason, $2) > 0`,
        [copy, clinic.tenantId],
      );
      return rowCount === 0 ? held('gone') : leaked('the copy is there');
    },
  ),
  hunt(
    'login',
    [25],
    'Looking for its own login, and for the session that it had open',
    'both are gone',
    async (stage, { login }) => {
      const { rows } = await stage.admin.query<{ roles: number; sessions: number }>(
        `SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname = $1) AS roles,
                (SELECT count(*)::int FROM pg_stat_activity WHERE pid = $2 AND usename = $1) AS sessions`,
        [login.role, login.backendPid],
      );
      if (rows[0]?.roles !== 0) return leaked('its login is there');
      return rows[0].sessions === 0 ? held('gone') : leaked('its session goes on');
    },
  ),
  hunt('token/old', [25], 'Entering with a token from before the erasure', 'refused', (stage, { token }) =>
    show(stage, token),
  ),
  hunt('token/new', [25], 'Entering with a soundly signed new token', 'refused', (stage, { clinic }) =>
    show(stage, tokenFor(stage, stage.first, clinic)),
  ),
  hunt(
    'plan',
    [10, 25],
    'Executing a statement that it prepared on a pooled connection',
    'no row',
    async (stage) =>
      rolledBack(stage.first, async () => {
        const executed = await attempt(stage.first, `EXECUTE ${GHOST_PLAN}`);
        if (executed.sqlstate === '26000') return held('the pool had cleaned it away');
        if (executed.sqlstate !== undefined) return judgeRefusal(executed);
        return executed.rows.length === 0 ? held('no row') : leaked(countRows(executed.rows.length));
      }),
  ),
  hunt(
    'neighbour',
    [25, 30],
    "Looking whether the erasure wrote to a neighbour's rows",
    'not one',
    async (_, { neighbourUntouched }) =>
      neighbourUntouched ? held('not one') : leaked('rows of the neighbour were written'),
  ),
  hunt('key/load', [25], 'Loading its key', 'it is destroyed', (stage, { clinic }) =>
    mustRefuse(() => stage.keys.tenantKeys.load(clinic.tenantId), ['key_not_found']),
  ),
  hunt(
    'key/again',
    [25],
    'Making its key again',
    'refused: the backups that it protected stay closed',
    (stage, { clinic }) =>
      mustRefuse(
        () => stage.keys.tenantKeys.create(clinic.tenantId, stage.keys.rootKeyId),
        ['key_not_found'],
      ),
  ),
  hunt(
    'key/bytes',
    [25],
    'Looking for the wrapped bytes of its key',
    'a dated record without bytes',
    async (stage, { clinic }) => {
      const records = await stage.keys.wrapped.list(clinic.tenantId);
      return records.every(({ wrapped }) => wrapped === null)
        ? held('no bytes')
        : leaked('the wrapped key is still there');
    },
  ),
  hunt(
    'backup/listed',
    [25],
    'Looking for its archives in the object store',
    'none',
    async (stage, { clinic }) => {
      for await (const { key } of stage.keys.objects.list(`${CANARY_OBJECTS}${clinic.tenantId}`))
        return leaked(`an object is left (${key.length} letters)`);
      return held('none');
    },
  ),
  hunt(
    'backup/neighbours-key',
    [25, 29],
    "Opening a copy of its archive with a neighbour's key",
    'refused',
    async (stage, known) => {
      const place = await copyOf(known);
      const key = await keyOf(stage, stage.b.tenantId);
      return mustRefuse(() => verifyBackup({ ...place, key, admin: stage.target.admin }), ['backup_refused']);
    },
  ),
  hunt(
    'backup/restored',
    [25, 29],
    'Restoring a copy of its archive with a key that a process still has in memory',
    'refused: the tenant is not enrolled here',
    async (stage, known) => {
      const place = await copyOf(known);
      const refused = await mustRefuse(
        () => restoreBackup({ ...place, key: known.oldKey, admin: stage.target.admin, dryRun: false }),
        ['backup_refused'],
      );
      return refused;
    },
  ),
  hunt(
    'again/rows',
    [25],
    'Enrolling it again under the same ids',
    'nothing of before is there',
    async (stage, known) => {
      await enrolAgain(stage, known);
      try {
        return await rolledBack(stage.first, async () => {
          await stage.first.query(ENTER, [tokenFor(stage, stage.first, known.clinic)]);
          let rows = 0;
          for (const { name } of stage.tables)
            rows += (await stage.first.query(`SELECT FROM ${name}`)).rowCount ?? 0;
          return rows === 0 ? held('no row') : leaked(`${countRows(rows)} came back`);
        });
      } finally {
        await withConnection(stage.target.admin, (client) => withdraw(client, known.clinic.tenantId));
      }
    },
  ),
  hunt(
    'again/slug',
    [25],
    'Giving its slug to another tenant and entering there with the old token',
    'refused',
    async (stage, known) => {
      const { plantTenant } = await import('../plant.js');
      const [heir] = await plantTenant(stage.admin, 'heir', ['only']);
      if (!heir) return unproven('no heir');
      await stage.admin.query('UPDATE ringfence.tenants SET slug = $2 WHERE id = $1', [
        heir.tenantId,
        known.slug,
      ]);
      return show(stage, known.token);
    },
  ),
];

const copyOf = async ({ archive }: Ghost) => {
  const store = memoryStore();
  await store.put(archive.place.objectKey, inOnePart(archive.bytes));
  return { ...archive.place, store };
};

async function* inOnePart(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Searching every row of every table would read all tenants' data; tables without clinics are small. */
async function searchMarks(stage: Stage, { clinic }: Ghost): Promise<Outcome> {
  const { rows } = await stage.admin.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relpages < 1000
        AND format('%I.%I', n.nspname, c.relname) <> ALL ($1::text[])`,
    [stage.places.map(({ table }) => table)],
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await stage.admin.query(
      `SELECT FROM ${name} AS r WHERE strpos(r::text, $1) > 0 OR strpos(r::text, $2) > 0 OR strpos(r::text, $3) > 0 LIMIT 1`,
      [clinic.marker, clinic.clinicId, clinic.tenantId],
    );
    if (rowCount !== 0) found.push(name);
  }
  return found.length === 0
    ? held(`${rows.length} tables searched, none`)
    : leaked(`found in ${found.join(', ')}`);
}
