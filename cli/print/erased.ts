import type { SignedCertificate } from '../../data-plane/erasure/certificate.js';
import { table } from './table.js';

/** The result of an erasure, from its certificate. @param files are those of the certificate. */
export const describeErased = (
  slug: string,
  certificate: SignedCertificate,
  files: { readonly json: string; readonly html: string },
): string => {
  const { erased, checks } = certificate;
  const rows = Object.values(erased.rows).reduce((sum, count) => sum + count, 0);
  const lines = [
    ['erased', `${rows} rows, ${erased.objects} backups, ${erased.keyVersions} keys`],
    ['use stopped', certificate.useStoppedAt],
    ['key destroyed', certificate.keyDestroyedAt],
    [
      'last copy of the key',
      `${certificate.keyCopiesGoneAt}, when the last backup of the control database goes`,
    ],
    ['looked for', `${checks.length} things, nothing found`],
    ['certificate', files.json],
    ['for people', files.html],
  ];
  return `${table(['', certificate.tenantId], lines)}If tenants/${slug}.yaml was committed, its history still has the legal name and the contact: docs/erasure.md\n`;
};
