import type { ResourceChange } from '../../control-plane/engine/run/change.js';
import type { TenantPreview } from '../../control-plane/previews/preview-tenant.js';
import { describeChange } from '../terminal/progress.js';
import { describeCostChange } from './cost-change.js';
import { describeJudgements } from './judgements.js';
import { describeResize } from './resize.js';

export const isChange = (change: ResourceChange): boolean =>
  !['same', 'read', 'refresh'].includes(change.action);

export const hasChanges = (preview: TenantPreview): boolean =>
  [...preview.cellChanges, ...preview.changes].some(isChange);

/** Whether a policy has anything to say but that it is kept. */
export const hasOpenJudgements = ({ judgements }: TenantPreview): boolean =>
  judgements.some(({ verdict }) => verdict !== 'passed');

/** A preview for people: what the cell needs first, then the tenant, then what the policies say. */
export const describePreview = (preview: TenantPreview): string => {
  const where = `${preview.slug} in cell ${preview.cell} (${preview.tier}, ${preview.region})`;
  const lost = preview.adopts
    ? '  the engine has lost what it knew of this tenant: what is there is taken over\n'
    : '';
  const policies = describePolicies(preview);
  if (!hasChanges(preview)) return `${where}: no changes\n${policies}`;
  const cell = preview.cellChanges.filter(isChange).map((change) => `  ${describeChange(change)}  [cell]\n`);
  const tenant = preview.changes.filter(isChange).map((change) => `  ${describeChange(change)}\n`);
  const resize = preview.resize ? describeResize(preview.resize).map((line) => `  ${line}  [cell]\n`) : [];
  // What a resize costs stands among its lines.
  const cost = preview.resize ? '' : `  ${describeCostChange(preview.costChange)}  [cell]\n`;
  return `${where}:\n${lost}${cell.join('')}${resize.join('')}${cost}${tenant.join('')}${policies}`;
};

/** Nothing where all of a tenant that does not change passed. */
const describePolicies = ({ judgements, unaffected }: TenantPreview): string => {
  if (unaffected && judgements.every(({ verdict }) => verdict === 'passed')) return '';
  return describeJudgements(judgements)
    .map((line) => `  ${line}\n`)
    .join('');
};
