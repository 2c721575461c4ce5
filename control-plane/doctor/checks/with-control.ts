import type pg from 'pg';
import { openPool } from '../../../data-plane/database/connect.js';
import { isOfEarlierVersion } from '../../../data-plane/database/migrate.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { readControlAddress } from '../../project/control-address.js';
import { controlDir, hasControlDatabase } from '../../project/control-database.js';
import { CONTROL_DATABASE, explainUnreachable, openControlServer } from '../../project/control-server.js';
import type { Project } from '../../project/project.js';
import type { CheckContext, DoctorCheck } from '../types.js';

/** Makes a check that needs a running control database. @param what says what is not done without one: `nothing was compared`. */
export const withControl = async (
  context: Pick<CheckContext, 'project' | 'env'>,
  name: string,
  what: string,
  work: (control: pg.Pool) => Promise<DoctorCheck>,
): Promise<DoctorCheck> => {
  const { project } = context;
  const server = await findServer(context);
  if (!server) return notAsked(project, name, `the control database does not run: ${what}`);
  const control = openPool({ ...server, database: CONTROL_DATABASE }, { max: 1, name: 'ringfence doctor' });
  try {
    if (await isOfEarlierVersion(control, 'control'))
      return notAsked(project, name, `the control database is of an earlier version: ${what}`);
    return await work(control);
  } finally {
    await control.end();
  }
};

/** @throws RingfenceError where AWS does not tell it, or it does not answer. */
const findServer = async ({ project, env }: Pick<CheckContext, 'project' | 'env'>) => {
  const address = readControlAddress(project);
  if (address?.state !== 'home') return runningLocalServer(controlDir(project));
  const context = { env, reached: () => undefined, say: () => undefined };
  try {
    return await (await openControlServer(project, address, context)).connect();
  } catch (error) {
    throw explainUnreachable(error, address);
  }
};

const notAsked = (project: Project, name: string, detail: string): DoctorCheck =>
  hasControlDatabase(project)
    ? {
        name,
        status: 'warn',
        detail,
        fix: 'any command starts it and brings it forward: `ringfence cells list`, then doctor again',
      }
    : { name, status: 'ok', detail };
