import { createHash } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { makePrivateDir, serverAccount } from '../../database/server/account.js';
import { archiveDir, archivedSegments } from '../../database/server/archiving.js';
import { isSegmentName, segmentNumber } from '../../database/server/wal-segments.js';
import { type BaseBackup, baseBackupFiles, listBaseBackups } from '../cell/base-backup.js';
import { TIMELINES_FILE } from '../cell/timelines.js';
import { listGenerations, type OffsiteFile, type OffsiteGeneration } from './generations.js';
import { type OffsiteStore, openInto, sealFile } from './sealed-object.js';

const TAG_CHARACTERS = 16;

/**
 * Puts what is not there yet of a server's base backups and archived WAL into the store, sealed. A base backup counts once its
 * record is there, which goes last. A server that was put back to an earlier state by hand writes other segments of the same
 * names: those begin a generation of their own.
 * @returns how many files it put, into which generation, and the generation that it turned away from.
 */
export const sendHistory = async (
  offsite: OffsiteStore,
  { dataDir, systemId }: { readonly dataDir: string; readonly systemId: string },
): Promise<{
  readonly sentFiles: number;
  readonly generation: string;
  readonly forkedFrom: string | null;
}> => {
  const files = localFiles(dataDir);
  const known = (await listGenerations(offsite.store)).filter((one) => one.systemId === systemId);
  const fits = known.filter((one) => !files.some((file) => isOther(one, file))).at(-1);
  const generation = fits?.name ?? `${systemId}-${Math.max(0, ...known.map((one) => one.number)) + 1}`;
  const there = new Set(fits?.files.map(({ name }) => name));
  let sentFiles = 0;
  for (const { name, path } of files) {
    if (there.has(name)) continue;
    await sealFile(offsite, `${generation}/${name}`, path);
    sentFiles++;
  }
  return { sentFiles, generation, forkedFrom: fits ? null : (known.at(-1)?.name ?? null) };
};

/**
 * Removes from the store what no moment of the window needs any more: what comes before the oldest of the base backups that are
 * kept here, and all of the generations before this one that were put there before `limit`.
 */
export const forgetHistory = async (
  { store }: OffsiteStore,
  kept: { readonly generation: string; readonly bases: readonly BaseBackup[]; readonly limit: Date },
): Promise<number> => {
  const [oldest] = kept.bases;
  if (!oldest) return 0;
  const { segmentBytes } = oldest;
  const first = Math.min(...kept.bases.map((base) => segmentNumber(base.startSegment, segmentBytes)));
  const isOlder = (file: OffsiteFile): boolean => {
    const [kind, id = ''] = file.name.split('/');
    if (kind === 'base') return !kept.bases.some((base) => base.id === id) && file.at < kept.limit;
    const segment = id.slice(0, 24);
    return kind === 'wal' && isSegmentName(segment) && segmentNumber(segment, segmentBytes) < first;
  };
  let removed = 0;
  for (const { name, files } of await listGenerations(store))
    for (const file of files.filter((one) =>
      name === kept.generation ? isOlder(one) : one.at < kept.limit,
    )) {
      await store.delete(file.key);
      removed++;
    }
  return removed;
};

/** Says whether the files beside a server's data belong to the generation: they are of the same server, and no file differs. */
export const isOfGeneration = (dataDir: string, generation: OffsiteGeneration): boolean => {
  const files = localFiles(dataDir);
  const bases = files.filter(({ name }) => name.startsWith('base/'));
  const shares = bases.some(({ name }) => generation.files.some((file) => file.name === name));
  return (bases.length === 0 || shares) && !files.some((file) => isOther(generation, file));
};

/**
 * Says whether the generation goes further than the files beside the server's data, because the server was put back to an
 * earlier state.
 */
export const isBehind = (dataDir: string, generation: OffsiteGeneration): boolean => {
  const here = archivedSegments(dataDir);
  const newest = here.at(-1) ?? '';
  return generation.files
    .flatMap(({ name }) => /^wal\/([0-9A-F]{24})\.gz\//.exec(name)?.[1] ?? [])
    .some((segment) => !here.includes(segment) && segment.slice(8) > newest.slice(8));
};

/**
 * Brings base backups and WAL of a generation back, beside where the server's data is to lie. What is there already stays.
 * @returns the files whose objects are damaged: they are left out, and a base backup with them.
 */
export const fetchHistory = async (
  offsite: OffsiteStore,
  { name: generation, files }: OffsiteGeneration,
  dataDir: string,
): Promise<string[]> => {
  const account = serverAccount();
  makePrivateDir(archiveDir(dataDir), account);
  makePrivateDir(baseDirOf(dataDir), account);
  // Of files that are written again, the newest; the record of a base backup says that it is whole, so it comes last.
  const isRecord = ({ name }: Pick<OffsiteFile, 'name'>): number => (/^base\/.*\.json$/.test(name) ? 1 : 0);
  const newestFirst = [...files].sort((a, b) => isRecord(a) - isRecord(b) || b.at.getTime() - a.at.getTime());
  const damaged: string[] = [];
  for (const { name } of newestFirst) {
    const path = localPath(dataDir, name);
    if (path === undefined || damaged.some((other) => isBaseOf(other, name))) continue;
    if (existsSync(path)) continue;
    if (isRecord({ name }) && !existsSync(dirname(path))) {
      // The object with its data is gone.
      damaged.push(name);
      continue;
    }
    makePrivateDir(dirname(path), account);
    // Under its name when it is whole: a fetch that was killed is gone on with.
    const draft = `${path}.part`;
    rmSync(draft, { force: true });
    try {
      await openInto(offsite, `${generation}/${name}`, draft);
    } catch (error) {
      if (!(error instanceof RingfenceError && error.code === 'backup_refused')) throw error;
      damaged.push(name);
      if (name.startsWith('base/')) rmSync(dirname(path), { recursive: true });
      continue;
    }
    if (account) chownSync(draft, account.uid, account.gid);
    renameSync(draft, path);
  }
  return damaged;
};

/** Both are of one base backup. */
const isBaseOf = (a: string, b: string): boolean => a.startsWith('base/') && dirname(a) === dirname(b);

interface LocalFile {
  /** `base/<id>/<file>`, or `wal/<file>/<tag>`: the tag tells of two files of one name whether they are the same. */
  readonly name: string;
  readonly path: string;
}

const localFiles = (dataDir: string): LocalFile[] => {
  const folder = archiveDir(dataDir);
  const archived = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    ...listBaseBackups(dataDir).flatMap(({ id }) =>
      baseBackupFiles(dataDir, id).map((path) => ({ name: `base/${id}/${basename(path)}`, path })),
    ),
    ...archived.flatMap((file) => {
      const kind = file.endsWith('.gz') ? 'wal' : file === TIMELINES_FILE ? 'notes' : undefined;
      const path = join(folder, file);
      return kind === undefined ? [] : [{ name: `${kind}/${file}/${tagOf(path)}`, path }];
    }),
  ];
};

const tagOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, TAG_CHARACTERS);

/** The generation has another file under this one's name. */
const isOther = ({ files }: OffsiteGeneration, file: LocalFile): boolean =>
  file.name.startsWith('wal/') &&
  files.some(({ name }) => name !== file.name && dirname(name) === dirname(file.name));

const baseDirOf = (dataDir: string): string => join(dirname(dataDir), 'base');

const localPath = (dataDir: string, name: string): string | undefined => {
  const [kind, first = '', second = ''] = name.split('/');
  if (kind === 'wal' || kind === 'notes') return join(archiveDir(dataDir), first);
  return kind === 'base' ? join(baseDirOf(dataDir), first, second) : undefined;
};
