import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { replaceFile } from '../../data-plane/files/replace-file.js';
import type { Workspace } from './workspace.js';

/**
 * All stacks of a project derive their state's key from the passphrase with one salt: the engine then derives it once
 * a run, also when a tenant's stack reads its cell's (each derivation is a million rounds of PBKDF2, 0.2 s). The
 * passphrase has 256 random bits, so a salt of its own would make no stack safer.
 */
export const sharedSalt = (workspace: Workspace): string | undefined => {
  const path = saltPath(workspace);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

/** Keeps the salt that the engine made for the first stack. */
export const keepSalt = (workspace: Workspace, stackDir: string, stack: string): void => {
  if (existsSync(saltPath(workspace))) return;
  const settings = settingsPath(stackDir, stack);
  if (!existsSync(settings)) return;
  const { encryptionsalt } = (parse(readFileSync(settings, 'utf8')) ?? {}) as { encryptionsalt?: string };
  if (!encryptionsalt) return;
  replaceFile(saltPath(workspace), encryptionsalt);
};

export const settingsPath = (stackDir: string, stack: string): string =>
  join(stackDir, `Pulumi.${stack}.yaml`);

const saltPath = (workspace: Workspace): string => join(workspace.dir, 'encryption-salt');
