import type { Reconciled } from '../../control-plane/recovery/reconcile.js';

/** What the objects told a control database, a line each. */
export const describeReconciled = (told: Reconciled): string =>
  [
    `taken over from the objects: ${told.keys} keys, ${told.backups} backups, ${told.tenants.length} tenants${told.tenants.length > 0 ? ` (${told.tenants.join(', ')})` : ''}`,
    ...(told.goneBackups > 0 ? [`${told.goneBackups} backups were removed since`] : []),
    ...told.erased.map(
      ({ tenantId, what }) => `erased, and not brought back: ${tenantId} (${what.join(', ')})`,
    ),
    ...told.lost.map(
      ({ id, slug, takenAt, rows }) =>
        `LOST ${slug}: the object of its newest backup ${id} of ${takenAt.toISOString()} with ${rows} rows is not there; put it back from another copy of the objects, then run \`ringfence control reconcile\``,
    ),
    ...told.left.map(({ object, why }) => `NOT TAKEN OVER ${object}: ${why}`),
    '',
  ].join('\n');
