import { RingfenceError } from '../../core/errors.js';
import { openControlDatabase } from '../project/control-database.js';
import { CONTROL_DATABASE } from '../project/control-server.js';
import type { Project } from '../project/project.js';
import { sessionNames } from '../project/sessions.js';

interface AskOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly reached: (point: string) => void;
  readonly say: (line: string) => void;
}

const worksWithEngine = (name: string): boolean =>
  name === 'ringfence control' || name === 'ringfence worker' || name.startsWith('ringfence process ');

/**
 * Comes after the move was written down, which every run looks at under its lock: so a run that this does not see, sees the move.
 * Applications go on: they know nothing of the engine.
 * @throws RingfenceError `conflict` while commands or workers of the project are at work, on any machine.
 */
export const refuseOthers = async (project: Project, options: AskOptions): Promise<void> => {
  const { pool } = await openControlDatabase(project, options.env, options);
  try {
    const others = (await sessionNames(pool, CONTROL_DATABASE)).filter(worksWithEngine);
    if (others.length > 0)
      throw new RingfenceError('conflict', `others work on this project: ${others.join(', ')}`, {
        fix: 'end its worker and other commands, on every machine, and type this again',
      });
  } finally {
    await pool.end();
  }
};
