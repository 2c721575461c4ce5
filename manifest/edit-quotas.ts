import { parseDocument } from 'yaml';
import { RingfenceError } from '../core/errors.js';
import { replaceFile } from '../core/files/whole-file.js';
import { loadManifest } from './load.js';
import { checkTenant, invalidManifest } from './parse.js';
import { formatPath } from './problems.js';
import { QUOTA_NAMES, type Quotas } from './quotas.js';
import { displayPath, readSource } from './read-source.js';

/**
 * Writes quotas into a YAML manifest and leaves the rest of it, comments too, as it was. The file is replaced whole,
 * and only by one that is valid.
 * @throws RingfenceError `manifest_invalid` for a value that is not allowed, `usage` for a TypeScript manifest.
 */
export const editQuotas = async (path: string, changes: Partial<Quotas>): Promise<void> => {
  if (path.endsWith('.ts')) {
    throw new RingfenceError('usage', `${displayPath(path)} is code, which only its author changes`, {
      fix: `write quotas: ${JSON.stringify(changes)} into it, then run \`ringfence tenants apply\``,
    });
  }
  await loadManifest(path);
  const document = parseDocument(await readSource(path));
  for (const [name, value] of Object.entries(changes)) document.setIn(['quotas', name], value);
  const result = checkTenant(document.toJS());
  if (!result.ok)
    throw invalidManifest(
      result.problems.map((problem) => `${formatPath(problem.path)}: ${problem.message}`),
    );
  replaceFile(path, document.toString({ lineWidth: 0 }), { durable: true });
};

/** Reads `rows=750000` and its like. @throws RingfenceError `usage` for another name, or no number. */
export const readQuotaAssignments = (assignments: readonly string[]): Partial<Quotas> => {
  const changes: Partial<Quotas> = {};
  for (const assignment of assignments) {
    const [name = '', value = ''] = assignment.split('=');
    const limit = value.trim() === '' ? Number.NaN : Number(value);
    const known = QUOTA_NAMES.find((one) => one === name);
    if (known === undefined || Number.isNaN(limit)) {
      throw new RingfenceError('usage', `${JSON.stringify(assignment)} sets no quota`, {
        fix: `write <quota>=<number>, where the quota is ${QUOTA_NAMES.join(', ')}`,
      });
    }
    changes[known] = limit;
  }
  return changes;
};
