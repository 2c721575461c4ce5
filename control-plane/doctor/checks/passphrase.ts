import { join } from 'node:path';
import { readSecretFile } from '../../../core/files/secret-file.js';
import { fitsState } from '../../engine/run/encryption-salt.js';
import { openState } from '../../project/state/open-state.js';
import type { Check } from '../types.js';

/** Whether the passphrase is there and opens what the engine's state has sealed. */
export const checkPassphrase: Check = async ({ project, env }) => {
  const name = 'passphrase';
  const { seal } = openState(project, env);
  if (seal.kind !== 'passphrase')
    return { name, status: 'ok', detail: 'a key of AWS KMS seals the state, no passphrase' };
  const path = seal.file;
  const passphrase = readSecretFile(path);
  const fits = await fitsState(join(project.home, 'workspace'), passphrase ?? '');
  if (fits === undefined) return { name, status: 'ok', detail: 'nothing is sealed under it yet' };
  if (passphrase !== undefined && fits) return { name, status: 'ok', detail: 'it opens the state' };
  return {
    name,
    status: 'fail',
    detail:
      passphrase === undefined ? `${path} is gone` : `${path} is not the one that the state is sealed under`,
    fix: 'restore the file from its copy; where there is none: docs/operations.md, "The passphrase is lost"',
  };
};
