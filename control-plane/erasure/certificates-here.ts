import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import type { SignedCertificate } from '../../data-plane/erasure/certificate.js';
import { verifyCertificate } from '../../data-plane/erasure/sign-certificate.js';
import { listCells } from '../cells/store.js';
import { erasureFolder, signingKeyFile } from '../control-backup/signing-key.js';
import type { Project } from '../project/project.js';
import type { Runtime } from '../runtime.js';
import { listErasures } from '../tenants/erasures.js';
import { projectPublicKey, writeCertificate } from './certify.js';

/** The certificates in the project's folder with a valid signature by the project's own key. Others prove nothing here. */
export const certificatesHere = (project: Project): SignedCertificate[] => {
  const folder = erasureFolder(project);
  if (!existsSync(signingKeyFile(project))) return [];
  const trusted = projectPublicKey(project);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        return [verifyCertificate(readFileSync(join(folder, name), 'utf8'), trusted)];
      } catch (error) {
        if (error instanceof RingfenceError && error.code === 'certificate_refused') return [];
        throw error;
      }
    });
};

/**
 * Makes the control database and the project's folder know the same erasures. An older control database learns of erasures
 * from their certificates, and the folder gets lost certificates back.
 */
export const settleCertificates = async (runtime: Runtime): Promise<void> => {
  const { control, project } = runtime;
  const cells = (await listCells(control)).map(({ name }) => name);
  const here = certificatesHere(project);
  for (const certificate of here) await recordCertified(runtime, certificate, cells);
  const written = new Set(here.map(({ id }) => id));
  for (const { id, certificate } of await listErasures(control))
    if (certificate && !written.has(id)) writeCertificate(certificate, erasureFolder(project));
};

/** The erasure covered every cell that there was, so the search does too. */
const recordCertified = async (
  { control }: Runtime,
  certificate: SignedCertificate,
  cells: readonly string[],
): Promise<void> => {
  const { id, tenantId, reason, requestedAt, useStoppedAt, finishedAt } = certificate;
  await control.query(
    `INSERT INTO control.erasures AS known (id, tenant_id, slug_digest, cells, clinic_ids, state, reason, requested_by,
       requested_at, due_at, use_stopped_at, resume, certificate, finished_at)
     SELECT $1, $2, sha256(convert_to($2::uuid::text || '/' || coalesce((SELECT slug FROM control.tenants WHERE id = $2), ''), 'UTF8')),
            $3, (SELECT coalesce(array_agg(id), '{}') FROM control.clinics WHERE tenant_id = $2), 'done', $4, 'its certificate',
            $5, $5, $6, false, $7, $8
     ON CONFLICT (id) DO UPDATE SET state = 'done', slug = NULL, certificate = excluded.certificate, finished_at = excluded.finished_at
      WHERE known.state <> 'done'`,
    [id, tenantId, cells, reason, requestedAt, useStoppedAt, JSON.stringify(certificate), finishedAt],
  );
};
