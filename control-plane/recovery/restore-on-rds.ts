import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { carryTables, compareTables } from '../../data-plane/database/carry-tables.js';
import { type Connection, inTransaction, withConnection } from '../../data-plane/database/connect.js';
import type { ControlSource } from '../control-backup/restore.js';
import {
  bringSchemasForward,
  createDatabase,
  hasDatabase,
  refuseForeign,
  refuseOthers,
  schemasOf,
} from '../control-up/control-schemas.js';
import { keptDatabase, keptDatabases } from '../erasure/kept-databases.js';
import { controlUrl } from '../project/control-address.js';
import { CONTROL_DATABASE, type ControlServer } from '../project/control-server.js';
import { readProjectId } from '../project/id.js';
import type { Project } from '../project/project.js';
import { findProject } from '../project/store.js';
import { allowAgain } from '../submissions/allow.js';

/** Where it is made whole, beside the one that is there. */
const RESTORING = 'control_restoring';
const SECOND_MS = 1_000;
const IN_USE = '55006';

interface RestoreOptions {
  /** Up to this moment; to the last one that RDS can restore when left out. */
  readonly at: Date | undefined;
  readonly now: Date;
  readonly reached: (point: string) => void;
  readonly say: (line: string) => void;
}

/**
 * Brings a control database on Amazon RDS back, out of a copy that RDS makes of its instance as it was at a moment: the rows are carried
 * into a database beside the one that is there, compared, and both change their names at once. What was there is kept under another name.
 * A run that was killed is taken up by the next one: a database says of itself that it is whole, and that it was not brought up to the
 * objects yet (`noteReconciled`).
 * @throws RingfenceError `conflict` while others work with it, and for the control database of another project; `backup_not_found` where
 *   there was none at that moment; as `inCopyAt`.
 */
export const restoreControlOnRds = async (
  project: Project,
  server: ControlServer,
  options: RestoreOptions,
): Promise<ControlSource> =>
  withConnection(await server.connect('postgres'), async (instance) => {
    await lockInstance(instance);
    const ours = await ourProject(project, instance, server);
    const replaced = await wholeAsOf(instance, CONTROL_DATABASE, options.at);
    const lastCommitAt = replaced ?? (await replace(instance, { ours, server, ...options }));
    const kept = (await keptDatabases(instance)).map(
      ({ name }) => `database ${name} of ${controlUrl(server.place)}`,
    );
    return { kind: 'backup', lastCommitAt, missing: [], kept };
  });

/** From now on a restore begins anew. */
export const noteReconciled = async (server: ControlServer): Promise<void> =>
  withConnection(await server.connect('postgres'), async (instance) => {
    await instance.query(`COMMENT ON DATABASE ${CONTROL_DATABASE} IS NULL`);
  });

/** As long as the session lasts. Another machine may restore the same instance. */
const lockInstance = async (instance: pg.Client): Promise<void> => {
  const { rows } = await instance.query<{ mine: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('ringfence control restore')) AS mine`,
  );
  if (rows[0]?.mine === true) return;
  throw new RingfenceError('conflict', 'another restore of the control database is running', {
    fix: 'wait until it ends',
  });
};

/**
 * @returns the id of the project; undefined where neither the folder nor the instance tells.
 * @throws RingfenceError `conflict` where the instance is another project's, or somebody else's.
 */
const ourProject = async (
  project: Project,
  instance: pg.Client,
  server: ControlServer,
): Promise<string | undefined> => {
  let ours = readProjectId(project);
  for (const name of [CONTROL_DATABASE, RESTORING]) {
    if (!(await hasDatabase(instance, name))) continue;
    const id = await withConnection(await server.connect(name), async (client) => {
      await refuseForeign(client);
      return projectIn(client);
    });
    if (id !== undefined && ours !== undefined && id !== ours) throw anothers(server, id, ours);
    ours ??= id;
  }
  return ours;
};

const projectIn = async (client: pg.Client): Promise<string | undefined> => {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('control.project') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true ? (await findProject(client))?.id : undefined;
};

const anothers = ({ place }: ControlServer, id: string, ours: string): RingfenceError =>
  new RingfenceError(
    'conflict',
    `instance ${place.rdsInstance} has the control database of project ${id}, this one is ${ours}`,
    { fix: 'name the instance of this project; nothing was changed' },
  );

interface Replacement extends RestoreOptions {
  readonly ours: string | undefined;
  readonly server: ControlServer;
}

const replace = async (instance: pg.Client, replacement: Replacement): Promise<Date> => {
  const { server, at, now, reached } = replacement;
  await refuseOthers(instance, CONTROL_DATABASE);
  const whole = await wholeAsOf(instance, RESTORING, at);
  // A run that was killed may have left its copy too.
  if (whole) await server.history().upkeep(0);
  const moment = whole ?? at ?? (await lastMoment(server));
  if (!whole) await server.history().inCopyAt(moment, (copy) => carry(instance, copy, moment, replacement));
  reached('control-carried-back');
  await takeItsPlace(instance, now);
  reached('control-replaced');
  return moment;
};

/** RDS knows whole seconds. */
const lastMoment = async (server: ControlServer): Promise<Date> => {
  const window = await server.history().window();
  if (window)
    return new Date(
      Math.max(
        Math.floor(window.to.getTime() / SECOND_MS) * SECOND_MS,
        Math.ceil(window.from.getTime() / SECOND_MS) * SECOND_MS,
      ),
    );
  throw new RingfenceError(
    'backup_not_found',
    `RDS has no backup of instance ${server.place.rdsInstance} that it can restore`,
    {
      fix: 'make the control database again from the archives of the tenants: `ringfence recover` in an empty folder, then `ringfence control up` there',
    },
  );
};

/** @param admin of the copy. */
const carry = async (
  instance: pg.Client,
  admin: Connection,
  moment: Date,
  { server, ours, reached, say }: Replacement,
): Promise<void> => {
  const copy = await requireOurs(admin, moment, { server, ours });
  await instance.query(`DROP DATABASE IF EXISTS ${RESTORING}`);
  await createDatabase(instance, RESTORING);
  const target = await server.connect(RESTORING);
  await withConnection(copy, async (source) => {
    const schemas = await schemasOf(source);
    await bringSchemasForward(copy, schemas);
    await bringSchemasForward(target, schemas);
    await withConnection(target, async (client) => {
      const rows = await carryTables(source, client, schemas);
      reached('control-rows-carried-back');
      const differing = await compareTables(source, client, schemas);
      if (differing.length > 0)
        throw new RingfenceError('backup_refused', `tables came back otherwise: ${differing.join(', ')}`, {
          fix: 'type this again; what was there was not touched',
        });
      await allowAgain(client);
      say(`${rows} rows came back`);
    });
  });
  await instance.query(
    `COMMENT ON DATABASE ${RESTORING} IS ${instance.escapeLiteral(`${WHOLE}${moment.toISOString()}`)}`,
  );
};

const requireOurs = async (
  admin: Connection,
  moment: Date,
  { server, ours }: Pick<Replacement, 'server' | 'ours'>,
): Promise<Connection> => {
  const copy = { ...admin, database: CONTROL_DATABASE };
  const isThere = await withConnection(admin, (client) => hasDatabase(client, CONTROL_DATABASE));
  const id = isThere ? await withConnection(copy, projectIn) : undefined;
  if (id === undefined)
    throw new RingfenceError(
      'backup_not_found',
      `instance ${server.place.rdsInstance} had no control database at ${moment.toISOString()}`,
      {
        fix: 'name an earlier time with --to, when it was there; `aws rds describe-db-instance-automated-backups` says from when on',
      },
    );
  if (ours !== undefined && id !== ours) throw anothers(server, id, ours);
  return copy;
};

const WHOLE = 'whole, as of ';

/** The moment that a database was brought back to, where that is the one that is wanted; undefined for one that is not whole, or in use since. */
const wholeAsOf = async (
  instance: pg.Client,
  name: string,
  wanted: Date | undefined,
): Promise<Date | undefined> => {
  const { rows } = await instance.query<{ comment: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [name],
  );
  const comment = rows[0]?.comment ?? '';
  if (!comment.startsWith(WHOLE)) return undefined;
  const at = new Date(comment.slice(WHOLE.length));
  return wanted === undefined || wanted.getTime() === at.getTime() ? at : undefined;
};

/** Both names change at once, and only while nobody works with it. */
const takeItsPlace = async (instance: pg.Client, now: Date): Promise<void> => {
  try {
    await inTransaction(instance, async () => {
      if (await hasDatabase(instance, CONTROL_DATABASE))
        await instance.query(`ALTER DATABASE ${CONTROL_DATABASE} RENAME TO ${keptDatabase(now)}`);
      await instance.query(`ALTER DATABASE ${RESTORING} RENAME TO ${CONTROL_DATABASE}`);
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== IN_USE) throw error;
    await refuseOthers(instance, CONTROL_DATABASE);
    throw error;
  }
};
