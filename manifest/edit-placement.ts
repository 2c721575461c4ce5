import { parseDocument } from 'yaml';
import { RingfenceError } from '../core/errors.js';
import { replaceFile } from '../core/files/whole-file.js';
import { loadManifest } from './load.js';
import { checkTenant, invalidManifest } from './parse.js';
import { formatPath } from './problems.js';
import { displayPath, readSource } from './read-source.js';

/** Where a manifest says that its tenant lives. What is left out is taken out of the file. */
export interface WrittenPlace {
  readonly tier: 'shared' | 'dedicated';
  readonly region?: string;
  readonly cell?: string;
}

/**
 * Writes the place of a tenant into a YAML manifest and leaves the rest of it, comments too, as it was. The file is replaced whole,
 * and only by one that is valid.
 * @throws RingfenceError `manifest_invalid`; `usage` for a TypeScript manifest.
 */
export const editPlacement = async (path: string, place: WrittenPlace): Promise<void> => {
  const { tier, region, cell } = place;
  if (path.endsWith('.ts')) {
    throw new RingfenceError('usage', `${displayPath(path)} is code, which only its author changes`, {
      fix: `write ${JSON.stringify({ tier, region, cell })} into it: the tenant lives there by now`,
    });
  }
  await loadManifest(path);
  const document = parseDocument(await readSource(path));
  for (const [name, value] of Object.entries({ tier, region, cell }))
    if (value === undefined) document.delete(name);
    else document.set(name, value);
  if (tier === 'shared') document.delete('size');
  const result = checkTenant(document.toJS());
  if (!result.ok)
    throw invalidManifest(
      result.problems.map((problem) => `${formatPath(problem.path)}: ${problem.message}`),
    );
  replaceFile(path, document.toString({ lineWidth: 0 }), { durable: true });
};
