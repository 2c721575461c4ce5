import { appendFileSync, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../../core/files/whole-file.js';
import { type Connection, withConnection } from '../connect.js';
import type { ServerAccount } from './account.js';
import { claimArchive } from './archive-identity.js';
import { isSegmentName } from './wal-segments.js';

const FILE = 'archiving.conf';
/** The end of an archived segment's name. */
export const ARCHIVED = '.gz';
const INCLUDE = `include_if_exists = '${FILE}'`;

/**
 * Copies each finished WAL segment to `archive/<segment>.gz` beside the data folder, where the command runs. It appears
 * whole or not at all and is never replaced: a segment that is there already must be the same. Whatever fails makes the
 * server keep the segment and try again. Only what every Linux and macOS has in /usr/bin and /bin is used, because the
 * server's account may be unable to reach Node.
 */
const command = (folder: string): string =>
  [
    `d="${folder}"; f="$d/%f.gz"`,
    [
      'if test -f "$f"; then gzip -dc "$f" | cmp -s - %p',
      'else gzip -1 -c %p > "$f.part" && sync "$f.part" && mv "$f.part" "$f" && sync "$d"',
      'fi',
    ].join('; '),
  ].join('; ');

/** A segment that is not full is archived after this time, so that no more than this is in the data folder alone. */
const TIMEOUT_SECONDS = 300;

/** As a path from the data folder, which goes along when both are moved. A folder that a link leads to is elsewhere. */
const configuration = (dataDir: string): string => {
  const isLink = lstatSync(dataDir).isSymbolicLink();
  const text = command(isLink ? archiveDir(dataDir) : '../archive').replaceAll("'", "''");
  return `archive_mode = on\narchive_command = '${text}'\narchive_timeout = ${TIMEOUT_SECONDS}\n`;
};

/** Folder of the archived WAL of the server whose data is in `dataDir`. */
export const archiveDir = (dataDir: string): string => join(dirname(dataDir), 'archive');

/** Names of the segments in the archive, ascending. */
export const archivedSegments = (dataDir: string): string[] => {
  const folder = archiveDir(dataDir);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(ARCHIVED))
    .map((name) => name.slice(0, -ARCHIVED.length))
    .filter(isSegmentName)
    .sort();
};

/** Makes the server archive its WAL from its next start on. Says nothing new where it does already. */
export const configureArchiving = (dataDir: string, account: ServerAccount | undefined): void => {
  claimArchive(dataDir, account);
  const path = join(dataDir, FILE);
  const wanted = configuration(dataDir);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== wanted)
    replaceFile(path, wanted, { mode: 0o600, owner: account });
  const main = join(dataDir, 'postgresql.conf');
  if (!readFileSync(main, 'utf8').includes(INCLUDE)) appendFileSync(main, `${INCLUDE}\n`);
};

/** Says whether the running server archives its WAL. */
export const isArchiving = (server: Omit<Connection, 'database'>): Promise<boolean> =>
  withConnection({ ...server, database: 'postgres' }, async (client) => {
    const { rows } = await client.query<{ mode: string }>(`SELECT current_setting('archive_mode') AS mode`);
    return rows[0]?.mode !== 'off';
  });
