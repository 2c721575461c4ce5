import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

/** The project that a control database belongs to. */
export interface ProjectRecord {
  readonly id: string;
  /** How many days back the control database can be restored. */
  readonly historyDays: number;
}

export const findProject = async (control: pg.Pool | pg.Client): Promise<ProjectRecord | undefined> =>
  (await control.query<ProjectRecord>('SELECT id, history_days AS "historyDays" FROM control.project'))
    .rows[0];

export const readProject = async (control: pg.Pool): Promise<ProjectRecord> => {
  const project = await findProject(control);
  if (project) return project;
  throw new RingfenceError('internal', 'the control database does not say which project it belongs to');
};

/** The first one stays. */
export const recordProject = async (control: pg.Pool | pg.Client, id: string): Promise<void> => {
  await control.query('INSERT INTO control.project (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
};

export const recordControlHistoryDays = async (control: pg.Pool, days: number): Promise<void> => {
  await control.query('UPDATE control.project SET history_days = $1', [days]);
};
