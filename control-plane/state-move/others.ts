import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { openControlDatabase } from '../project/control-database.js';
import type { Project } from '../project/project.js';
import { readRows } from '../project/read-rows.js';

interface AskOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly reached: (point: string) => void;
  readonly say: (line: string) => void;
}

const sessionSchema = z.object({ name: z.string() });

/**
 * Comes after the move was written down, which every run looks at under its lock: so a run that this does not see, sees the move.
 * Applications go on: they know nothing of the engine.
 * @throws RingfenceError `conflict` while commands or workers of the project are at work, on any machine.
 */
export const refuseOthers = async (project: Project, options: AskOptions): Promise<void> => {
  const { pool } = await openControlDatabase(project, options.env, options);
  try {
    const { rows } = await pool.query(
      `SELECT DISTINCT application_name AS name FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND (application_name IN ('ringfence control', 'ringfence worker') OR application_name LIKE 'ringfence process %') ORDER BY 1`,
    );
    const others = readRows(sessionSchema, 'pg_stat_activity', rows).map(({ name }) => name);
    if (others.length > 0)
      throw new RingfenceError('conflict', `others work on this project: ${others.join(', ')}`, {
        fix: 'end its worker and other commands, on every machine, and type this again',
      });
  } finally {
    await pool.end();
  }
};
