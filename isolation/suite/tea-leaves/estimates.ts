import type pg from 'pg';
import { type Attempted, attempt } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { judgeRefusal } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';
import { leaveUnexecuted } from './unexecuted.js';

/** SQLSTATE of a value that cannot be printed: the mark of a plan. */
const UNSHOWN = ['0A000'];

/** A query whose estimate is the number of a foreign clinic's rows: comparisons of uuid are leakproof. */
const COUNTED = (stage: Stage): string =>
  `SELECT FROM clinical.invoices i, generate_series(1, 1000000000) g (x) WHERE i.clinic_id = '${stage.b.clinicId}' OR g.x = -1`;

const ASKED: ReadonlyArray<readonly [id: string, tried: string, sql: (query: string) => string]> = [
  ['explain', 'Asking for the plan of a query', (query) => `EXPLAIN ${query}`],
  [
    'explain-analyze',
    'Asking for it with what really happened',
    (query) => `EXPLAIN (ANALYZE, VERBOSE, BUFFERS) ${query} LIMIT 0`,
  ],
  ['explain-json', 'Asking for it as a document', (query) => `explain (FORMAT JSON, SETTINGS) ${query}`],
  ['comment', 'Asking behind comments', (query) => `/* a /* b */ c */ -- d\n\t EXPLAIN ${query}`],
  [
    'behind-quote',
    'Asking behind a comment that looks like a text',
    (query) => `/* ' */ EXPLAIN ${query} /* ' */`,
  ],
  [
    'as-xml',
    'Asking by a function that runs statements',
    (query) => `SELECT query_to_xml($q$EXPLAIN ${query}$q$, true, false, '')`,
  ],
  [
    'as-xml-schema',
    'Asking by another of them',
    (query) => `SELECT query_to_xml_and_xmlschema($q$EXPLAIN ${query}$q$, true, false, '')`,
  ],
];

const PREPARED: ReadonlyArray<readonly [id: string, tried: string, times: number]> = [
  ['prepared', 'Asking for the plan of a prepared statement', 0],
  ['kept', 'Asking for a plan that is kept from an earlier execution', 6],
];

/** An EXPLAIN that is left by messages of the protocol, carried out by a statement that is none. */
const UNEXECUTED: ReadonlyArray<readonly [id: string, tried: string, sql: string]> = [
  ['executed', 'Executing an EXPLAIN that was prepared', 'EXECUTE canary_plan'],
  ['fetched', 'Fetching from the portal of an EXPLAIN', 'FETCH ALL FROM canary_plan'],
  [
    'fetched-as-xml',
    'Fetching from it by a function',
    `SELECT cursor_to_xml('canary_plan', 100, true, false, '')`,
  ],
];

/** @param accepted SQLSTATEs that count as a refusal besides 42501. */
const estimate = (
  id: string,
  tried: string,
  ask: (client: pg.Client, query: string) => Promise<Attempted>,
  accepted: readonly string[] = UNSHOWN,
): SuiteCase => ({
  id: `tea-leaves/estimate/${id}`,
  isolation: [8, 40],
  tried,
  expected: 'refused by the database',
  run: (stage) =>
    asClinic(stage, stage.a, async (client) => judgeRefusal(await ask(client, COUNTED(stage)), accepted)),
});

export const ESTIMATES: readonly SuiteCase[] = [
  ...ASKED.map(([id, tried, sql]) =>
    estimate(id, `${tried} that counts another clinic's rows`, (client, query) =>
      attempt(client, sql(query)),
    ),
  ),
  estimate(
    'debug',
    'Having the server send the plan as a message',
    async (client, query) => {
      await client.query('SET LOCAL client_min_messages = log; SET LOCAL debug_print_plan = on');
      return attempt(client, `${query} LIMIT 0`);
    },
    [],
  ),
  ...PREPARED.map(([id, tried, times]) =>
    estimate(id, tried, async (client, query) => {
      await client.query(`PREPARE canary_estimate AS ${query} LIMIT 0`);
      for (let executed = 0; executed < times; executed++) await client.query('EXECUTE canary_estimate');
      const asked = await attempt(client, 'EXPLAIN EXECUTE canary_estimate');
      await client.query('DEALLOCATE canary_estimate');
      return asked;
    }),
  ),
  ...UNEXECUTED.map(([id, tried, sql]) =>
    estimate(id, tried, async (client, query) => {
      await leaveUnexecuted(client, 'canary_plan', `EXPLAIN ${query} LIMIT 0`);
      const asked = await attempt(client, sql);
      await client.query('DEALLOCATE canary_plan');
      return asked;
    }),
  ),
];
