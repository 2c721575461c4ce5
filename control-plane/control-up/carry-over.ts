import { runMigrations } from 'graphile-worker';
import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { carryTables, compareTables } from '../../data-plane/database/carry-tables.js';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';
import { migrate } from '../../data-plane/database/migrate.js';
import { leaveBehind } from '../control-backup/leave-behind.js';
import { forgetControlAddress, writeControlAddress } from '../project/control-address.js';
import { controlConnection, controlDir } from '../project/control-database.js';
import { forgetPosition } from '../project/control-position.js';
import { CONTROL_DATABASE, type ControlServer, explainUnreachable } from '../project/control-server.js';
import type { Project } from '../project/project.js';
import { readRows } from '../project/read-rows.js';
import { findProject } from '../project/store.js';

/** The queue has a schema of its own, which the worker's library makes. */
const QUEUE = 'graphile_worker';
const SCHEMAS = ['control', QUEUE] as const;

/** A control database that was carried to another server. */
interface CarriedOver {
  readonly rows: number;
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
  let rows: number;
  try {
    rows = await withConnection(here, async (source) => {
      await refuseOthers(source);
      const hasQueue = await hasSchema(source, QUEUE);
      if (hasQueue) await bringQueueForward(here);
      return carryRows(source, server, { reached, hasQueue });
    });
  } catch (error) {
    forgetControlAddress(project);
    throw explainUnreachable(error, place);
  }
  reached('control-carried');
  writeControlAddress(project, { ...place, state: 'home' });
  reached('control-at-home');
  return { rows, kept: leaveHere(project, now) };
};

/** Keeps what is on this machine aside: from now on it would be an earlier one. @returns what is kept. */
export const leaveHere = (project: Project, now: Date): string[] => {
  const kept = leaveBehind(controlDir(project), now);
  forgetPosition(project);
  return kept;
};

const sessionSchema = z.object({ name: z.string() });

/** New ones are refused by the address of the project. */
const refuseOthers = async (source: pg.Client): Promise<void> => {
  const { rows } = await source.query(
    `SELECT DISTINCT application_name AS name FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY 1`,
  );
  const others = readRows(sessionSchema, 'pg_stat_activity', rows).map(
    ({ name }) => name || 'a client without a name',
  );
  if (others.length === 0) return;
  throw new RingfenceError('conflict', `others work with the control database: ${others.join(', ')}`, {
    fix: 'end the worker, applications and other commands of this project, and type this again',
  });
};

const carryRows = async (
  source: pg.Client,
  server: Pick<ControlServer, 'place' | 'connect'>,
  { reached, hasQueue }: Pick<CarryOptions, 'reached'> & { readonly hasQueue: boolean },
): Promise<number> => {
  await withConnection(await server.connect('postgres'), create);
  const target = await server.connect();
  return withConnection(target, async (client) => {
    await refuseForeign(client);
    await migrate(client, 'control');
    if (hasQueue) await bringQueueForward(target);
    const schemas = SCHEMAS.filter((schema) => schema !== QUEUE || hasQueue);
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

/** As a local one, by the rules of C for any language (`initialise.ts`). Before 17 there is no provider of that name. */
const create = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ there: boolean; version: number }>(
    `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS there, current_setting('server_version_num')::int AS version`,
    [CONTROL_DATABASE],
  );
  const [{ there, version } = { there: false, version: 0 }] = rows;
  if (there) return;
  const locale =
    version >= 170_000 ? `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'` : `LOCALE 'C'`;
  await client.query(`CREATE DATABASE ${CONTROL_DATABASE} TEMPLATE template0 ENCODING 'UTF8' ${locale}`);
};

const hasSchema = async (client: pg.Client, name: string): Promise<boolean> => {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [name]);
  return rows.length > 0;
};

/** @throws RingfenceError `conflict` for a database with tables that are none of a control database. */
const refuseForeign = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> ALL ($1) AND n.nspname NOT IN ('pg_catalog', 'information_schema') LIMIT 1`,
    [SCHEMAS],
  );
  if (rows[0])
    throw new RingfenceError(
      'conflict',
      `database control of the instance has table ${rows[0].name} already`,
      {
        fix: 'name an instance without a database control, or remove that database',
      },
    );
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

/** To the tables of this version, as the worker does when it starts. */
const bringQueueForward = async (connection: Connection): Promise<void> => {
  const pool = openPool(connection, { max: 1, name: 'ringfence control' });
  try {
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
};

const empty = async (client: pg.Client, schemas: readonly string[]): Promise<void> => {
  for (const schema of schemas) await client.query(`DROP SCHEMA ${schema} CASCADE`);
};
