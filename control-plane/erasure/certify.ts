import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { replaceSecretFile } from '../../core/files/secret-file.js';
import { historyForgets } from '../../data-plane/backup/cell/cell-history.js';
import {
  type Certificate,
  type Check,
  historyLimit,
  LIMITS,
  type SignedCertificate,
} from '../../data-plane/erasure/certificate.js';
import { certificatePage } from '../../data-plane/erasure/certificate-page.js';
import { openSigningKey, publicKeyOf, signCertificate } from '../../data-plane/erasure/sign-certificate.js';
import { forgottenAt } from '../cells/cell-history.js';
import { controlStore, openOffsite, projectsIn } from '../control-backup/offsite.js';
import { fetchSigningKey, signingKeyFile } from '../control-backup/signing-key.js';
import { wrappedKeys } from '../keys/store.js';
import type { Project } from '../project/project.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import { listErasures } from '../tenants/erasures.js';
import type { OpenErasure } from './subject.js';

const DAY_MS = 86_400_000;

const signingKey = (project: Project) => openSigningKey(signingKeyFile(project));

/**
 * A key that is lost here comes back from the control database.
 * @param options.mayBeNew signs with a new key from now on, where the one that signed before is lost.
 * @throws RingfenceError `key_not_found` where certificates were signed and their key is nowhere: with a new key they would
 * look forged.
 */
export const bringSigningKey = async (
  runtime: Runtime,
  options: { readonly mayBeNew?: boolean } = {},
): Promise<void> => {
  if (!(await isSigningKeyLost(runtime)) || options.mayBeNew) return;
  throw new RingfenceError('key_not_found', 'the key that signed the certificates of this project is lost', {
    fix: `put ${signingKeyFile(runtime.project)} back from its copy; to sign with a new key from now on: \`ringfence erasures public-key --new\``,
  });
};

/** Comes after a search in the object store. */
export const isSigningKeyLost = async ({ control, project, target }: Runtime): Promise<boolean> => {
  const path = signingKeyFile(project);
  if (existsSync(path)) return false;
  const { id } = await readProject(control);
  if ((await projectsIn(controlStore(target.objects))).includes(id))
    await fetchSigningKey(await openOffsite(target, id), path);
  if (existsSync(path)) return false;
  return (await listErasures(control)).some(({ certificate }) => certificate !== null);
};

/** The public key that verifies this project's certificates. Makes the key pair when there is none. */
export const projectPublicKey = (project: Project): string => publicKeyOf(signingKey(project));

/** @throws RingfenceError `erasure_incomplete` when a check found something: then there is no certificate. */
export const certify = async (
  runtime: Runtime,
  erasure: OpenErasure,
  checks: readonly Check[],
): Promise<SignedCertificate> => {
  const left = checks.filter(({ found }) => found > 0);
  if (left.length > 0)
    throw new RingfenceError(
      'erasure_incomplete',
      `something is left: ${left.map(({ check, where, found }) => `${check} in ${where}: ${found}`).join('; ')}`,
      {
        fix: left.some(({ check }) => check === 'kept-data')
          ? `remove what is kept aside, ${left.flatMap(({ check, where }) => (check === 'kept-data' ? [where] : [])).join(', ')}, then run \`ringfence tenants erase ${erasure.slug}\` again`
          : `run \`ringfence tenants erase ${erasure.slug}\` again: it goes on where this one stopped`,
      },
    );
  const { id, tenantId, reason, requestedAt, useStoppedAt, inventory } = erasure;
  if (!useStoppedAt || !inventory)
    throw new RingfenceError('internal', `erasure ${id} lacks what its first steps record`);
  const destroyed = await keyDestroyedAt(runtime, tenantId);
  // Without a key there was no copy of one.
  const keyDestroyed = destroyed ?? useStoppedAt;
  const { historyDays } = await readProject(runtime.control);
  const copiesGone = destroyed ? historyForgets(destroyed, historyDays) : keyDestroyed;
  const certificate: Certificate = {
    format: 'ringfence-erasure-certificate',
    version: 1,
    id,
    tenantId,
    reason,
    requestedAt: requestedAt.toISOString(),
    useStoppedAt: useStoppedAt.toISOString(),
    keyDestroyedAt: keyDestroyed.toISOString(),
    keyCopiesGoneAt: copiesGone.toISOString(),
    controlBackupDays: Math.round((copiesGone.getTime() - keyDestroyed.getTime()) / DAY_MS),
    finishedAt: runtime.now().toISOString(),
    erased: inventory,
    checks: checks.map(({ check, where }) => ({ check, where, found: 0 })),
    limits: [...LIMITS, historyLimit(await historyForgotten(runtime, erasure))],
  };
  await bringSigningKey(runtime);
  return signCertificate(certificate, signingKey(runtime.project));
};

/** The time from which no cell can be brought back to a moment at which it had the rows. */
const historyForgotten = async (runtime: Runtime, { cells }: OpenErasure): Promise<Date> => {
  const dates = cells.map((cell) => forgottenAt(runtime, cell, runtime.now()));
  return new Date(Math.max(...(await Promise.all(dates)).map((date) => date.getTime())));
};

const keyDestroyedAt = async ({ control }: Runtime, tenantId: string): Promise<Date | undefined> => {
  const dates = (await wrappedKeys(control).list(tenantId)).map(
    ({ destroyedAt }) => destroyedAt?.getTime() ?? 0,
  );
  return dates.length === 0 ? undefined : new Date(Math.max(...dates));
};

/** Writes both forms, mode 0600. Idempotent. */
export const writeCertificate = (
  certificate: SignedCertificate,
  folder: string,
): { readonly json: string; readonly html: string } => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    json: join(folder, `${certificate.id}.json`),
    html: join(folder, `${certificate.id}.html`),
  };
  replaceSecretFile(files.json, `${JSON.stringify(certificate, null, 2)}\n`);
  replaceSecretFile(files.html, certificatePage(certificate));
  return files;
};
