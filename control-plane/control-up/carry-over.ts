import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { carryTables, compareTables } from '../../data-plane/database/carry-tables.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { leaveBehind } from '../control-backup/leave-behind.js';
import { forgetControlAddress, writeControlAddress } from '../project/control-address.js';
import { controlConnection, controlDir } from '../project/control-database.js';
import { forgetPosition } from '../project/control-position.js';
import { CONTROL_DATABASE, type ControlServer, explainUnreachable } from '../project/control-server.js';
import type { Project } from '../project/project.js';
import { findProject } from '../project/store.js';
import { listSubmitters } from '../submissions/allow.js';
import {
  bringSchemasForward,
  type ControlSchema,
  createDatabase,
  hasDatabase,
  refuseForeign,
  refuseOthers,
  schemasOf,
} from './control-schemas.js';

/** A control database that was carried to another server. */
interface CarriedOver {
  readonly rows: number;
  /** Logins that may submit here, and not there: a password is nowhere to be read. */
  readonly submitters: readonly string[];
  /** What was here, and is kept. */
  readonly kept: readonly string[];
}

interface CarryOptions {
  readonly now: Date;
  readonly reached: (point: string) => void;
}

/**
 * Carries the control database of this machine, once, to an instance that has none, compares every table, and from then on the project is
 * at home there. Commands that begin meanwhile are refused. What fails leaves the project as it was; what is killed is taken up by the next
 * call.
 * @throws RingfenceError `conflict` while others work with it, and for an instance that is not empty; as `explainUnreachable`.
 */
export const carryOver = async (
  project: Project,
  server: Pick<ControlServer, 'place' | 'connect'>,
  { now, reached }: CarryOptions,
): Promise<CarriedOver> => {
  const { place } = server;
  const here = await controlConnection(project);
  writeControlAddress(project, { ...place, state: 'arriving' });
  let carried: Omit<CarriedOver, 'kept'>;
  try {
    carried = await withConnection(here, async (source) => {
      await refuseOthers(source, CONTROL_DATABASE);
      const schemas = await schemasOf(source);
      await bringSchemasForward(
        here,
        schemas.filter((schema) => schema !== 'control'),
      );
      const submitters = await listSubmitters(source);
      return { rows: await carryRows(source, server, { reached, schemas }), submitters };
    });
  } catch (error) {
    forgetControlAddress(project);
    throw explainUnreachable(error, place);
  }
  reached('control-carried');
  writeControlAddress(project, { ...place, state: 'home' });
  reached('control-at-home');
  return { ...carried, kept: leaveHere(project, now) };
};

/** Keeps what is on this machine aside: from now on it would be an earlier one. @returns what is kept. */
export const leaveHere = (project: Project, now: Date): string[] => {
  const kept = leaveBehind(controlDir(project), now);
  forgetPosition(project);
  return kept;
};

const carryRows = async (
  source: pg.Client,
  server: Pick<ControlServer, 'place' | 'connect'>,
  { reached, schemas }: Pick<CarryOptions, 'reached'> & { readonly schemas: readonly ControlSchema[] },
): Promise<number> => {
  await withConnection(await server.connect('postgres'), async (client) => {
    if (!(await hasDatabase(client, CONTROL_DATABASE))) await createDatabase(client, CONTROL_DATABASE);
  });
  const target = await server.connect();
  return withConnection(target, async (client) => {
    await refuseForeign(client);
    await bringSchemasForward(target, schemas);
    const there = await findProject(client);
    if (there) return refuseOther(source, client, { id: there.id, schemas, place: server.place });
    const rows = await carryTables(source, client, schemas);
    reached('control-rows-carried');
    const differing = await compareTables(source, client, schemas);
    if (differing.length === 0) return rows;
    // This run filled it.
    await empty(client, schemas);
    throw new RingfenceError(
      'conflict',
      `somebody changed the control database while it was carried: ${differing.join(', ')}`,
      {
        fix: 'end what works with it, and type this again; nothing is lost, and the project is where it was',
      },
    );
  });
};

/** An earlier run that was killed may have carried everything. @returns no rows. */
const refuseOther = async (
  source: pg.Client,
  target: pg.Client,
  {
    id,
    schemas,
    place,
  }: { readonly id: string; readonly schemas: readonly string[]; readonly place: ControlServer['place'] },
): Promise<number> => {
  const ours = (await findProject(source))?.id;
  if (id !== ours)
    throw new RingfenceError(
      'conflict',
      `instance ${place.rdsInstance} has the control database of project ${id}, this one is ${ours}`,
      { fix: 'name another instance' },
    );
  const differing = await compareTables(source, target, schemas);
  if (differing.length === 0) return 0;
  throw new RingfenceError(
    'conflict',
    `instance ${place.rdsInstance} has a control database of this project already, which is not as this one: ${differing.join(', ')}`,
    {
      fix: `to work with that one, use a folder without a control database and RINGFENCE_CONTROL=rds://${place.region}/${place.rdsInstance}; to begin anew, drop database control there`,
    },
  );
};

const empty = async (client: pg.Client, schemas: readonly string[]): Promise<void> => {
  for (const schema of schemas) await client.query(`DROP SCHEMA ${schema} CASCADE`);
};
