import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';
import { CADENCES, type Cadence } from './cadences/cadence.js';
import { type StepResult, stepResult } from './cadences/step.js';

const runSchema = z.object({
  id: z.guid(),
  cadence: z.enum(CADENCES),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  /** Null while it runs, or when it was killed. */
  outcome: z.enum(['clean', 'found', 'failed']).nullable(),
  folder: z.string(),
  steps: z.array(stepResult).readonly(),
});

/** One run of a cadence. */
export type IsolationRun = Readonly<z.infer<typeof runSchema>>;

const TABLE = 'control.isolation_runs';

export const startRun = async (control: pg.Pool, cadence: Cadence, folder: string): Promise<string> => {
  const { rows } = await control.query(
    'INSERT INTO control.isolation_runs (cadence, folder) VALUES ($1, $2) RETURNING id',
    [cadence, folder],
  );
  return readRows(runSchema.pick({ id: true }), TABLE, rows)[0]?.id ?? '';
};

export const finishRun = async (
  control: pg.Pool,
  id: string,
  outcome: NonNullable<IsolationRun['outcome']>,
  steps: readonly StepResult[],
): Promise<void> => {
  await control.query(
    'UPDATE control.isolation_runs SET finished_at = now(), outcome = $2, steps = $3 WHERE id = $1',
    [id, outcome, JSON.stringify(steps)],
  );
};

/** The newest run of each cadence that has run. */
export const lastRuns = async (control: pg.Pool): Promise<IsolationRun[]> => {
  const { rows } = await control.query(
    `SELECT DISTINCT ON (cadence) id, cadence, started_at AS "startedAt", finished_at AS "finishedAt", outcome, folder, steps
         FROM control.isolation_runs ORDER BY cadence, started_at DESC`,
  );
  return readRows(runSchema, TABLE, rows);
};
