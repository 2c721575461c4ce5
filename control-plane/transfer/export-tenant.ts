import { randomUUID } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import { readRecipients } from '../../data-plane/transfer/age/recipients.js';
import { type ExportReport, exportTenant } from '../../data-plane/transfer/export/export-tenant.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';

export interface ExportRequest {
  /** Slugs; empty for all. */
  readonly clinics: readonly string[];
  /** The zip, absolute. */
  readonly path: string;
  /** Public keys of age, and files of them; without any the zip is plain. */
  readonly recipients: readonly string[];
  readonly recipientFiles: readonly string[];
  readonly toolVersion: string;
  readonly onProgress?: (progress: { readonly clinic: string; readonly table: string }) => void;
}

const SEALED = '.zip.age';

/**
 * Writes the rows of a tenant's clinics, decrypted, into a zip (GDPR Art. 20), which
 * is sealed to recipients where there are any. Other work on the tenant goes on.
 *
 * @throws RingfenceError usage for a recipient, or a name that does not say whether the file is sealed, before anything is
 *   read; as `exportTenant`.
 */
export const exportRegisteredTenant = async (
  runtime: Runtime,
  slug: string,
  request: ExportRequest,
): Promise<ExportReport> => {
  const sealTo = await readRecipients(request.recipients, request.recipientFiles);
  assertName(request.path, sealTo !== undefined);
  const { id, cell, legalName } = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(cell);
  return usingKeyVersions(runtime.target.tenantKeys, wrappedKeys(runtime.control), id, (keys) =>
    exportTenant({
      ...request,
      ...(sealTo && { sealTo }),
      admin,
      tenant: { id, slug, legalName },
      keys,
      exportId: randomUUID(),
      caller: runtime.caller,
      now: runtime.now(),
      onWritten: () => runtime.reached('export-written'),
    }),
  );
};

/** The name of the file shows whether it is safe to hand on. */
const assertName = (path: string, sealed: boolean): void => {
  if (path.endsWith(SEALED) === sealed) return;
  throw sealed
    ? new RingfenceError('usage', `the name of a sealed export ends in ${SEALED}`, {
        fix: `--out <name>${SEALED}`,
      })
    : new RingfenceError(
        'usage',
        `a name that ends in ${SEALED} is for sealed exports, and there is no recipient`,
        {
          fix: 'add --recipient <public key>',
        },
      );
};
