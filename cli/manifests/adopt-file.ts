import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { replaceFile } from '../../core/files/whole-file.js';
import { type LoadedManifest, loadManifest, RingfenceError } from '../../manifest/index.js';
import type { Context } from '../terminal/context.js';
import { findManifest, manifestsDir } from './find.js';

/**
 * Reads a manifest from anywhere and keeps a copy among the project's own, because git is the desired state.
 * @throws RingfenceError `conflict` when the project has another manifest of that slug.
 */
export const adoptFile = async (context: Context, file: string): Promise<LoadedManifest> => {
  const path = resolve(context.terminal.cwd, file);
  const given = await loadManifest(path);
  const dir = manifestsDir(context);
  const existing = findManifest(context, given.tenant.slug);
  if (existing === path) return given;
  if (existing) {
    if (readFileSync(existing).equals(readFileSync(path))) return loadManifest(existing);
    throw new RingfenceError(
      'conflict',
      `the project has another manifest of ${given.tenant.slug}: ${existing}`,
      {
        fix: `edit that one and run \`ringfence tenants apply ${given.tenant.slug}\`, or remove it`,
      },
    );
  }
  mkdirSync(dir, { recursive: true });
  const kept = join(dir, basename(path));
  if (!existsSync(kept)) copyWhole(path, kept);
  return loadManifest(kept);
};

/** The file gets its name only when it is whole: a killed run or a full disk leaves no half manifest. */
const copyWhole = (from: string, to: string): void => {
  try {
    replaceFile(to, readFileSync(from), { mode: statSync(from).mode & 0o777, durable: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new RingfenceError('disk_full', `no space left for ${to}`, {
      fix: 'free some space',
      cause: error,
    });
  }
};
