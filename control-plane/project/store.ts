import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from './read-rows.js';

const projectSchema = z.object({
  id: z.guid(),
  /** How many days back the control database can be restored. */
  historyDays: z.int(),
});

/** The project that a control database belongs to. */
export type ProjectRecord = Readonly<z.infer<typeof projectSchema>>;

export const findProject = async (control: pg.Pool | pg.Client): Promise<ProjectRecord | undefined> => {
  const { rows } = await control.query('SELECT id, history_days AS "historyDays" FROM control.project');
  return readRows(projectSchema, 'control.project', rows)[0];
};

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
