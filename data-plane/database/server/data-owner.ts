import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import { closedFolderData, makeEnterableDir, placeData, serverAccount } from './account.js';
import { likelyPlace } from './lost-data.js';
import { readRecord, type ServerRecord } from './record.js';

/**
 * Beside data that lies outside its server's folder, `<data folder>.owner.json`: whose it is. A folder that was copied has the
 * path of that data in its record too, and must neither use nor remove it.
 */
const NoteSchema = z.strictObject({
  /** Id of the server. */
  server: z.string(),
  /** Its folder. */
  dir: z.string(),
});

/**
 * The record of the server in `dir`, for whoever works with its data. Where the data is another's, and the place that this
 * machine would choose for `dir` has a copy of it, that copy.
 * @throws RingfenceError `conflict` when the data belongs to the server of another folder.
 */
export const readOwnRecord = (dir: string): ServerRecord | undefined => {
  const record = readRecord(dir);
  const owner = record && otherOwner(dir, record);
  if (!record || !owner) return record;
  const place = placeData(dir, serverAccount());
  const copied = { ...record, dataDir: place };
  if (place !== record.dataDir && existsSync(join(place, 'PG_VERSION')) && !otherOwner(dir, copied))
    return copied;
  const own =
    place === record.dataDir
      ? `put a copy of the folder that ${place} leads to in the place of that link`
      : `run: mkdir -p ${dirname(place)} && cp -a ${dirname(record.dataDir)}/. ${dirname(place)}/`;
  throw new RingfenceError(
    'conflict',
    `the data of the server in ${dir} belongs to ${owner}, of which this is a copy`,
    {
      fix: `work there; or, to make this copy one of its own, stop the servers there with \`ringfence cells down\` and ${own}`,
    },
  );
};

/** The present or planned place of the data of the server in `dir`. @throws as readOwnRecord. */
export const placeOfData = (dir: string): string => readOwnRecord(dir)?.dataDir ?? likelyPlace(dir);

/** The folder of the server that the data belongs to, unless it is that of `dir`. A missing owner has been moved. */
export const otherOwner = (dir: string, record: ServerRecord): string | undefined => {
  if (!liesOutside(dir, record.dataDir)) return undefined;
  const note = readNote(record.dataDir);
  if (!note) return isPlaceOf(dir, record.dataDir) ? undefined : 'another project of this machine';
  if (note.dir === realpathSync(dir)) return undefined;
  const other = existsSync(note.dir) ? readRecord(note.dir) : undefined;
  const isTheirs = other?.id === note.server && existsSync(other.dataDir);
  return isTheirs && realpathSync(other.dataDir) === realpathSync(record.dataDir) ? note.dir : undefined;
};

/** Notes beside data that lies outside `dir` that it belongs there. */
export const claimData = (dir: string, { id, dataDir }: ServerRecord): void => {
  if (!liesOutside(dir, dataDir)) return;
  const note = { server: id, dir: realpathSync(dir) };
  const known = readNote(dataDir);
  if (known?.server === note.server && known.dir === note.dir) return;
  makeEnterableDir(dirname(dataDir), serverAccount());
  replaceFile(notePath(dataDir), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
};

export const notePath = (dataDir: string): string => `${realPlace(dataDir)}.owner.json`;

/** Below /var/lib/ringfence, or by a link. */
const liesOutside = (dir: string, dataDir: string): boolean =>
  existsSync(dir) && !`${realPlace(dataDir)}/`.startsWith(`${realpathSync(dir)}/`);

/** Links followed, of the folder around it where there is no data yet. */
const realPlace = (dataDir: string): string => {
  if (existsSync(dataDir)) return realpathSync(dataDir);
  const around = dirname(dataDir);
  return join(existsSync(around) ? realpathSync(around) : around, basename(dataDir));
};

/** Data that nobody has noted yet is of the folder that it was placed for, or not there; a link is its folder's own. */
const isPlaceOf = (dir: string, dataDir: string): boolean =>
  !existsSync(dataDir) || dirname(dataDir) === dir || closedFolderData(dir) === dataDir;

const readNote = (dataDir: string): z.infer<typeof NoteSchema> | undefined => {
  const path = notePath(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    return NoteSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged: nobody can tell whose data that is`, {
      fix: 'remove the file, after a look that no other project uses the data',
      cause,
    });
  }
};
