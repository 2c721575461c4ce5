import type pg from 'pg';
import type { Cadence } from './cadences/cadence.js';
import type { StepResult } from './cadences/step.js';

/** One run of a cadence. `outcome` is null while it runs, or when it was killed. */
export interface IsolationRun {
  readonly id: string;
  readonly cadence: Cadence;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: 'clean' | 'found' | 'failed' | null;
  readonly folder: string;
  readonly steps: readonly StepResult[];
}

export const startRun = async (control: pg.Pool, cadence: Cadence, folder: string): Promise<string> => {
  const { rows } = await control.query<{ id: string }>(
    'INSERT INTO control.isolation_runs (cadence, folder) VALUES ($1, $2) RETURNING id',
    [cadence, folder],
  );
  return rows[0]?.id ?? '';
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
export const lastRuns = async (control: pg.Pool): Promise<IsolationRun[]> =>
  (
    await control.query<IsolationRun>(
      `SELECT DISTINCT ON (cadence) id, cadence, started_at AS "startedAt", finished_at AS "finishedAt", outcome, folder, steps
         FROM control.isolation_runs ORDER BY cadence, started_at DESC`,
    )
  ).rows;
