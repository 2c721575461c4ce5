import { regionOfArn } from '../../core/arn.js';
import { orUnknown } from '../../core/whereabouts.js';
import { listCells } from '../cells/store.js';
import { keyWraps } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

/**
 * Where every root key is that opens a wrap of the tenant's key, or a copy of one.
 * @param ofCopies those of copies that lie among objects.
 */
export const findRootKeys = async (
  { control, target }: Runtime,
  tenantId: string,
  ofCopies: readonly string[],
): Promise<Finding[]> => {
  const wraps = await keyWraps(control).list(tenantId);
  const cells = await listCells(control);
  const findings: Finding[] = [];
  for (const rootKeyId of new Set([...wraps.map((wrap) => wrap.rootKeyId), ...ofCopies])) {
    const cell = cells.find((one) => one.rootKeyId === rootKeyId);
    const declared = cell?.region ?? regionOfArn(rootKeyId) ?? null;
    for (const found of await orUnknown(`root key ${rootKeyId}`, () => target.keyRoot.whereabouts(rootKeyId)))
      findings.push({ part: 'keys', cell: cell?.name ?? null, declared, found });
  }
  return findings;
};
