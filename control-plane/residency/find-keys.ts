import { regionOfArn } from '../../core/arn.js';
import { orUnknown } from '../../core/whereabouts.js';
import { customerKeyOf } from '../../data-plane/keys/customer-held/envelope.js';
import { listCells } from '../cells/store.js';
import { keyWraps } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

const NO_KEY: Finding = {
  part: 'keys',
  cell: null,
  declared: null,
  found: {
    what: 'root keys',
    answer: 'none',
    evidence: 'control.tenant_keys, control.tenant_key_wraps, objects: there is no wrap that one would open',
  },
};

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
  const rootKeyIds = new Set([...wraps.map((wrap) => wrap.rootKeyId), ...ofCopies]);
  if (rootKeyIds.size === 0) return [NO_KEY];
  const findings: Finding[] = [];
  for (const rootKeyId of rootKeyIds) {
    const cell = cells.find((one) => one.rootKeyId === rootKeyId);
    const declared = cell?.region ?? regionOfArn(rootKeyId) ?? null;
    for (const found of await orUnknown(`root key ${rootKeyId}`, () => target.keyRoot.whereabouts(rootKeyId)))
      findings.push({ part: 'keys', cell: cell?.name ?? null, declared, found });
  }
  for (const arn of new Set(wraps.flatMap(({ wrapped }) => customerKeyOf(wrapped) ?? [])))
    for (const found of await orUnknown(`key of the customer ${arn}`, () => target.keyRoot.whereabouts(arn)))
      findings.push({ part: 'keys', cell: null, declared: regionOfArn(arn) ?? null, found });
  return findings;
};
