import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IDENTIFIER_FILE } from '../../database/server/archive-identity.js';
import { controlFilePath, readControlFile } from '../../database/server/control-file.js';
import { keptAt } from '../../database/server/set-aside.js';
import { BASE_RECORD, BASE_TARBALL } from './base-backup.js';

/** A folder with what a server writes, recognised by its content, whatever it is called. */
export interface ServerFolder {
  readonly path: string;
  /** `unknown`: it was put aside by Ringfence, and nothing of these is left in it. */
  readonly kind: 'data' | 'archive' | 'base' | 'unknown';
  /** It shows the server as it was at this time, or later. */
  readonly from: Date;
  /** Of its cluster; undefined where the folder does not say. */
  readonly systemId: string | undefined;
}

/** A link leads to one, or to a folder with some in it; what lies deeper is of somebody else. */
const DEPTH_BEHIND_LINK = 1;
const SEGMENT = /^[0-9A-F]{24}(?:\.gz)?$/;

/**
 * Finds the folders with data, archived WAL or base backups of a server below `roots`, also by links.
 * @param isPassedOver folders, as their real path, that are not looked into.
 */
export const findServerFolders = (
  roots: readonly string[],
  isPassedOver: (realPath: string) => boolean,
): ServerFolder[] => {
  const seen = new Set<string>();
  const found: ServerFolder[] = [];
  const walk = (path: string, depth: number): void => {
    const isLink = lstatSync(path).isSymbolicLink();
    // One that leads nowhere has nothing.
    if (isLink && !existsSync(path)) return;
    if (!statSync(path).isDirectory()) return;
    const real = realpathSync(path);
    if (seen.has(real) || isPassedOver(real)) return;
    seen.add(real);
    const folder = recognise(path);
    if (folder) found.push(folder);
    const left = isLink ? Math.min(depth, DEPTH_BEHIND_LINK) : depth - 1;
    if (!folder && left >= 0) for (const name of readdirSync(path)) walk(join(path, name), left);
  };
  for (const root of roots.filter(existsSync))
    for (const name of readdirSync(root)) walk(join(root, name), Number.POSITIVE_INFINITY);
  return found;
};

const recognise = (path: string): ServerFolder | undefined => {
  const names = readdirSync(path);
  if (names.includes('PG_VERSION') && existsSync(controlFilePath(path)))
    return {
      path,
      kind: 'data',
      from: readControlFile(path).writtenAt,
      systemId: readControlFile(path).systemId,
    };
  const segments = names.filter((name) => SEGMENT.test(name));
  const identifier = join(path, IDENTIFIER_FILE);
  if (segments.length > 0)
    return {
      path,
      kind: 'archive',
      from: oldest(segments.map((name) => join(path, name))),
      systemId: existsSync(identifier) ? readFileSync(identifier, 'utf8').trim() : undefined,
    };
  const tarballs = ['.', ...names].flatMap((name) => baseFiles(join(path, name)));
  if (tarballs.length > 0) return { path, kind: 'base', from: oldest(tarballs), systemId: undefined };
  return keptAt(path) ? { path, kind: 'unknown', from: new Date(0), systemId: undefined } : undefined;
};

const baseFiles = (folder: string): string[] =>
  [BASE_RECORD, BASE_TARBALL].map((name) => join(folder, name)).filter(existsSync);

const oldest = (paths: readonly string[]): Date =>
  new Date(Math.min(...paths.map((path) => statSync(path).mtimeMs)));
