import { parseDocument } from 'yaml';
import { RingfenceError } from '../core/errors.js';
import { replaceFile } from '../core/files/whole-file.js';
import { loadManifest } from './load.js';
import { checkTenant, invalidManifest } from './parse.js';
import { formatPath } from './problems.js';
import type { Quotas } from './quotas.js';
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
