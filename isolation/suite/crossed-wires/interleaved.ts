import { makePool } from '../../../data-plane/database/client.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { enter, type Stage } from '../stage.js';

const CONNECTIONS = 3;
const TRANSACTIONS = 120;
const ENDINGS = ['COMMIT', 'ROLLBACK', 'error', 'time limit'] as const;

/** Many short transactions of three clinics, over fewer connections, that end in every way; all at once. */
const interleave = async (
  stage: Stage,
  endings: readonly (typeof ENDINGS)[number][],
): Promise<{ foreign: number; blind: number; transactions: number }> => {
  const clinics = [stage.a, stage.branch, stage.b];
  const table = stage.tables.find(({ keys }) => clinics.every(({ clinicId }) => keys.has(clinicId)))?.name;
  const pool = makePool({ ...stage.target.app, max: CONNECTIONS });
  const counts = { foreign: 0, blind: 0, transactions: TRANSACTIONS };
  const work = Array.from({ length: TRANSACTIONS }, () => ({
    clinic: stage.random.pick(clinics),
    ending: stage.random.pick(endings),
  }));
  const transact = async ({ clinic, ending }: (typeof work)[number]): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await enter(stage, client, clinic);
      const { rows } = await client.query<{ id: string }>(
        `SELECT id::text FROM ringfence.clinics ${table ? `UNION ALL SELECT clinic_id::text FROM ${table}` : ''}`,
      );
      if (rows.some(({ id }) => id !== clinic.clinicId)) counts.foreign += 1;
      if (rows.length === 0) counts.blind += 1;
      if (ending === 'error') await client.query('SELECT 1/0').catch(() => undefined);
      if (ending === 'time limit')
        await client.query(`SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)`).catch(() => undefined);
      await client.query(ending === 'COMMIT' ? 'COMMIT' : 'ROLLBACK');
      // Between transactions a pooled connection is nobody's.
      const left = await client.query('SELECT FROM ringfence.clinics');
      if (left.rowCount !== 0) counts.foreign += 1;
    } finally {
      client.release();
    }
  };
  try {
    await Promise.all(work.map(transact));
  } finally {
    await pool.end();
  }
  return counts;
};

export const INTERLEAVED: readonly SuiteCase[] = [...ENDINGS.map((ending) => [ending] as const), ENDINGS].map(
  (endings) => ({
    id: `crossed-wires/interleaved/${endings.length > 1 ? 'mixed' : endings[0].toLowerCase().replace(' ', '-')}`,
    isolation: [10, 11],
    tried: `${TRANSACTIONS} transactions of three clinics at once over ${CONNECTIONS} pooled connections, ending by ${endings.join(', ')}`,
    expected: 'each sees its own clinic only, and nothing once it has ended',
    run: async (stage) => {
      const { foreign, blind, transactions } = await interleave(stage, endings);
      if (foreign > 0) return leaked(`${foreign} of ${transactions} transactions saw another clinic`);
      return blind === 0
        ? held(`${transactions} transactions, none saw another clinic`)
        : unproven(`${blind} transactions did not see their own clinic either`);
    },
  }),
);
