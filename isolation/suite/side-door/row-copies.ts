import { from, to } from 'pg-copy-streams';
import { attempt, countReached } from '../../attempt.js';
import type { Outcome } from '../case.js';
import { each, type Family } from '../family.js';
import { countRows, held, judgeNoRows, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, rolledBack, type Stage } from '../stage.js';

const scenario = 'side-door';
const tables = (stage: Stage): string[] => stage.tables.map(({ name }) => name);

/** Ways around the policies that Postgres itself has: COPY, the owner's eye, row_security. */
export const ROW_COPIES: readonly Family[] = [
  {
    scenario,
    id: 'copy-out',
    isolation: [1, 18],
    tried: (of) => `Exporting the whole of ${of} with COPY`,
    expected: 'the own rows only',
    over: tables,
    attack: (stage) => each(tables(stage), (name) => copyOut(stage, name)),
  },
  {
    scenario,
    id: 'copy-in',
    isolation: [1, 18],
    tried: (of) => `Importing rows into ${of} with COPY, past the policies`,
    expected: 'refused',
    over: tables,
    attack: (stage) => each(tables(stage), (name) => copyIn(stage, name)),
  },
  {
    scenario,
    id: 'owner',
    isolation: [1],
    tried: (of) =>
      `Reading ${of} as the role that owns it, which Postgres exempts unless policies are forced`,
    expected: 'no row: policies are forced on the owner too',
    over: tables,
    attack: readAsOwner,
  },
  {
    scenario,
    id: 'row-security-off',
    isolation: [18],
    tried: (of) => `Reading ${of} with row_security switched off by the session`,
    expected: 'refused',
    over: tables,
    attack: (stage) =>
      asClinic(stage, stage.a, async (client) => {
        await client.query('SET LOCAL row_security = off');
        return each(tables(stage), async (name) =>
          judgeRefusal(await attempt(client, `SELECT FROM ${name} LIMIT 1`)),
        );
      }),
  },
];

const copyOut = (stage: Stage, table: string): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    const parts: Buffer[] = [];
    for await (const part of client.query(to(`COPY ${table} (clinic_id) TO STDOUT`)))
      parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const foreign = [stage.b, stage.branch].filter(({ clinicId }) => text.includes(clinicId));
    if (foreign.length > 0) return leaked(`rows of ${foreign.length} other clinics came out`);
    const planted = stage.tables.find(({ name }) => name === table)?.keys;
    if (!planted?.has(stage.b.clinicId)) return unproven('no row of the victim could be planted there');
    return held(`${countRows(text.split('\n').length - 1)}, all of the own clinic`);
  });

/** Sends no data: without policies the server would take the COPY and wait for its data. */
const copyIn = (stage: Stage, table: string): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    const stream = client.query(from(`COPY ${table} FROM STDIN`));
    const sqlstate = await new Promise<string | undefined>((resolve) => {
      stream.on('error', (error: { code?: string }) => resolve(error.code));
      stream.on('finish', () => resolve(undefined));
      stream.end();
    });
    // 0A000: Postgres has no COPY into a table with row-level security.
    if (sqlstate === '0A000' || sqlstate === '42501') return held(`refused (SQLSTATE ${sqlstate})`);
    return sqlstate === undefined
      ? leaked('the server took it')
      : unproven(`ended with SQLSTATE ${sqlstate}`);
  });

async function readAsOwner(stage: Stage): Promise<Map<string, Outcome>> {
  const { rows: owners } = await stage.admin.query<{ owner: string; tables: string[] }>(
    `SELECT quote_ident(r.rolname) AS owner, array_agg(t.name) AS tables
       FROM unnest($1::text[]) AS t (name) JOIN pg_class c ON c.oid = t.name::regclass JOIN pg_roles r ON r.oid = c.relowner
      GROUP BY 1`,
    [tables(stage)],
  );
  const outcomes = new Map<string, Outcome>();
  for (const { owner, tables: owned } of owners) {
    const reached = await rolledBack(stage.admin, async () => {
      await stage.admin.query(`SET LOCAL ROLE ${owner}`);
      const statement = (table: string): string => `(SELECT 1 FROM ${table} LIMIT 1)`;
      return countReached(
        stage.admin,
        owned.map((table) => ({ table, statement: statement(table) })),
        [],
      );
    });
    for (const result of reached) outcomes.set(result.table, judgeNoRows(result));
  }
  return outcomes;
}
