import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretFile } from '../../core/files/secret-file.js';
import {
  type OffsiteStore,
  openText,
  sealedKey,
  sealText,
} from '../../data-plane/backup/offsite/sealed-object.js';
import type { Project } from '../project/project.js';

/** The folder of erasure certificates and of the key that signs them. */
export const erasureFolder = ({ home }: Project): string => join(home, 'erasure');

/** Signs certificates; it cannot be made again. */
export const signingKeyFile = (project: Project): string => join(erasureFolder(project), 'signing-key.pem');

const NAME = 'erasures/signing-key.pem';

/** Keeps the signing key of erasure certificates in the control database: holders of its public half trust no other key. */
export const sendSigningKey = async (offsite: OffsiteStore, path: string): Promise<void> => {
  if (!existsSync(path) || (await offsite.store.stat(sealedKey(NAME)))) return;
  await sealText(offsite, NAME, readFileSync(path, 'utf8'));
};

/** One that is there stays. */
export const fetchSigningKey = async (offsite: OffsiteStore, path: string): Promise<void> => {
  if (existsSync(path) || !(await offsite.store.stat(sealedKey(NAME)))) return;
  createSecretFile(path, await openText(offsite, NAME));
};
