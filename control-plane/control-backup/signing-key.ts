import { existsSync, readFileSync } from 'node:fs';
import {
  type OffsiteStore,
  openText,
  sealedKey,
  sealText,
} from '../../data-plane/backup/offsite/sealed-object.js';
import { createSecretFile } from '../../data-plane/files/secret-file.js';

const NAME = 'erasures/signing-key.pem';

/** What certificates of erasures are signed with is kept with the control database: who has its public half trusts no other. */
export const sendSigningKey = async (offsite: OffsiteStore, path: string): Promise<void> => {
  if (!existsSync(path) || (await offsite.store.stat(sealedKey(NAME)))) return;
  await sealText(offsite, NAME, readFileSync(path, 'utf8'));
};

/** One that is there stays. */
export const fetchSigningKey = async (offsite: OffsiteStore, path: string): Promise<void> => {
  if (existsSync(path) || !(await offsite.store.stat(sealedKey(NAME)))) return;
  createSecretFile(path, await openText(offsite, NAME));
};
