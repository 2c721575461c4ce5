import { RingfenceError } from '../../core/errors.js';
import type { RestoreReport } from '../../data-plane/backup/tenant/restore/restore.js';

/** The effect of a restore in place on the rows of a tenant, in numbers of rows. */
export interface RestoreLoss {
  readonly deleted: number;
  readonly inserted: number;
  /** The restore deletes more rows than it brings back, for example with an old or an empty backup. */
  readonly isLoss: boolean;
}

export const lossOf = ({ tables }: Pick<RestoreReport, 'tables'>): RestoreLoss => {
  const deleted = tables.reduce((sum, table) => sum + table.deleted, 0);
  const inserted = tables.reduce((sum, table) => sum + table.inserted, 0);
  return { deleted, inserted, isLoss: deleted > inserted };
};

/**
 * @param agreed how many rows somebody was told would be deleted, and agreed to.
 * @throws RingfenceError `confirmation_missing` when more rows go than come back and than that.
 */
export const refuseLoss = (slug: string, report: Pick<RestoreReport, 'tables'>, agreed: number): void => {
  const { deleted, inserted, isLoss } = lossOf(report);
  if (!isLoss || deleted <= agreed) return;
  throw new RingfenceError(
    'confirmation_missing',
    `this restore would delete ${deleted} rows of ${slug} and bring ${inserted} back; nothing was changed`,
    {
      fix: `look with --dry-run; bring back only what is missing with --mode missing-only; or add --confirm ${slug}`,
    },
  );
};
