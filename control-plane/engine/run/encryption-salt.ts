import { pbkdf2 } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { replaceFile } from '../../../core/files/whole-file.js';
import { openGcm, TAG_BYTES } from '../../../data-plane/keys/aes-gcm.js';
import type { Workspace } from './workspace.js';

/**
 * All stacks of a project derive their state's key from the passphrase with one salt: the engine then derives it once
 * a run, also when a tenant's stack reads its cell's (each derivation is a million rounds of PBKDF2, 0.2 s). The
 * passphrase has 256 random bits, so a salt of its own would make no stack safer.
 */
export const sharedSalt = (workspace: Pick<Workspace, 'dir'>): string | undefined => {
  const path = saltPath(workspace);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

/** Keeps the salt that the engine made for the first stack. @param settings the file of its settings */
export const keepSalt = (workspace: Pick<Workspace, 'dir'>, settings: string): void => {
  if (existsSync(saltPath(workspace)) || !existsSync(settings)) return;
  const { encryptionsalt } = (parse(readFileSync(settings, 'utf8')) ?? {}) as { encryptionsalt?: string };
  if (!encryptionsalt) return;
  replaceFile(saltPath(workspace), encryptionsalt);
};

/** The state that it was for is elsewhere. */
export const forgetSalt = (workspace: Pick<Workspace, 'dir'>): void =>
  rmSync(saltPath(workspace), { force: true });

/**
 * Says whether the state is sealed under this passphrase; undefined before anything was sealed. The salt has the word
 * `pulumi` sealed behind it (pulumi/pkg/secrets/passphrase/manager.go): `v1:<salt>:v1:<nonce>:<sealed>`, in base64.
 */
export const fitsState = async (workspaceDir: string, passphrase: string): Promise<boolean | undefined> => {
  const salt = sharedSalt({ dir: workspaceDir });
  if (salt === undefined) return undefined;
  const [, saltText = '', , nonce = '', sealed = ''] = salt.split(':');
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const key = await promisify(pbkdf2)(passphrase, bytes(saltText), ROUNDS, 32, 'sha256');
  return (
    openGcm(
      key,
      bytes(nonce),
      Buffer.alloc(0),
      bytes(sealed).subarray(0, -TAG_BYTES),
      bytes(sealed).subarray(-TAG_BYTES),
    )?.toString() === 'pulumi'
  );
};

const ROUNDS = 1_000_000;

const saltPath = (workspace: Pick<Workspace, 'dir'>): string => join(workspace.dir, 'encryption-salt');
