import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { RingfenceError } from '../../core/errors.js';
import { followExport } from '../../data-plane/audit/export.js';
import type { AuditVerdict } from '../../data-plane/audit/verify.js';

/** Follows the chain of an export. @throws RingfenceError `usage` for a file that cannot be read, `audit_broken` for no whole export. */
export const verifyExportFile = async (file: string): Promise<Omit<AuditVerdict, 'anchors'>> => {
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const chain = await followExport(lines).catch((error: unknown) => {
    throw new RingfenceError('usage', `${file} cannot be read`, { cause: error });
  });
  if (!chain)
    throw new RingfenceError('audit_broken', `${file} is no whole audit export`, {
      fix: 'make it again with `ringfence audit export <tenant>`',
    });
  return { events: chain.seq, head: { seq: chain.seq, hash: chain.hash }, problems: chain.problems };
};
