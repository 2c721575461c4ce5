import { attempt } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { judgeRefusal } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';

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

export const ESTIMATES: readonly SuiteCase[] = [
  ...ASKED.map(
    ([id, tried, sql]): SuiteCase => ({
      id: `tea-leaves/estimate/${id}`,
      isolation: [8, 40],
      tried: `${tried} that counts another clinic's rows`,
      expected: 'refused by the database',
      run: (stage) =>
        asClinic(stage, stage.a, async (client) => judgeRefusal(await attempt(client, sql(COUNTED(stage))))),
    }),
  ),
  {
    id: 'tea-leaves/estimate/debug',
    isolation: [8, 40],
    tried: 'Having the server send the plan as a message',
    expected: 'refused by the database',
    run: (stage) =>
      asClinic(stage, stage.a, async (client) => {
        await client.query('SET LOCAL client_min_messages = log; SET LOCAL debug_print_plan = on');
        return judgeRefusal(await attempt(client, `${COUNTED(stage)} LIMIT 0`));
      }),
  },
  {
    id: 'tea-leaves/estimate/prepared',
    isolation: [8, 40],
    tried: 'Asking for the plan of a prepared statement',
    expected: 'refused by the database',
    run: (stage) =>
      asClinic(stage, stage.a, async (client) => {
        await client.query(`PREPARE canary_estimate AS ${COUNTED(stage)}`);
        const asked = await attempt(client, 'EXPLAIN EXECUTE canary_estimate');
        await client.query('DEALLOCATE canary_estimate');
        return judgeRefusal(asked);
      }),
  },
];
