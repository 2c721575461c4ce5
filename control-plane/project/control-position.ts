import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import { controlFilePath, parseLsn, readControlFile } from '../../data-plane/database/server/control-file.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import type { Project } from './project.js';
import { readRows } from './read-rows.js';

/**
 * The position of the control database's log at the end of the last command. The file lies beside the database's data, not
 * in it, so it tells a database that somebody put back from one that only went forward.
 */
const schema = z.strictObject({
  systemId: z.string(),
  timeline: z.int(),
  lsn: z.string(),
  at: z.iso.datetime(),
});
type Position = z.infer<typeof schema>;

const fileOf = ({ home }: Project): string => join(home, 'control', 'position.json');

const readPosition = (project: Project): Position | undefined => {
  const path = fileOf(project);
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'remove the file: it is written again by the next command',
      cause,
    });
  }
};

/** The flushed position survives a crash, an inserted one may not. */
const HERE = `
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS "systemId",
         ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline,
         pg_current_wal_flush_lsn()::text AS lsn, pg_current_wal_insert_lsn()::text AS inserted`;

const hereSchema = schema.omit({ at: true }).extend({ inserted: z.string() });

const here = async (control: pg.Client | pg.Pool) =>
  readRows(hereSchema, 'pg_control_system()', (await control.query(HERE)).rows)[0];

export const notePosition = async (
  project: Project,
  control: pg.Client | pg.Pool,
  now: Date,
): Promise<void> => {
  const found = await here(control);
  if (!found) return;
  const { systemId, timeline, lsn } = found;
  if (isAhead(readPosition(project), { systemId, timeline, lsn: parseLsn(lsn) })) return;
  replaceFile(fileOf(project), `${JSON.stringify({ systemId, timeline, lsn, at: now.toISOString() })}\n`);
};

/** Comes after a deliberate restore: from then on the restored position counts. */
export const forgetPosition = (project: Project): void => rmSync(fileOf(project), { force: true });

/** @throws RingfenceError `control_outdated` for a database that was further ahead before. */
export const refuseOlder = async (project: Project, control: pg.Client): Promise<void> => {
  const noted = readPosition(project);
  const found = noted && (await here(control));
  if (found && isAhead(noted, { ...found, lsn: parseLsn(found.inserted) })) throw outdated(noted);
};

/** The same for a stopped server. A killed one cannot tell. */
export const refuseOlderStopped = (project: Project): void => {
  const record = readRecord(join(project.home, 'control'));
  if (!record || !existsSync(controlFilePath(record.dataDir))) return;
  const file = readControlFile(record.dataDir);
  const noted = readPosition(project);
  if (file.isShutDown && isAhead(noted, { ...file, lsn: file.checkpoint })) throw outdated(noted);
};

const isAhead = (
  noted: Position | undefined,
  found: Pick<Position, 'systemId' | 'timeline'> & { readonly lsn: bigint },
): noted is Position => {
  if (noted === undefined || noted.systemId !== found.systemId) return false;
  return noted.timeline === found.timeline
    ? parseLsn(noted.lsn) > found.lsn
    : noted.timeline > found.timeline;
};

const outdated = ({ at }: Position): RingfenceError =>
  new RingfenceError(
    'control_outdated',
    `the control database is an earlier one than at ${at}: holds, erasures, keys and tenants since then are not in it`,
    {
      fix: 'bring the newest state back with `ringfence control restore`; only where that is gone, go on with this one: `ringfence control reconcile --accept-older`',
    },
  );
