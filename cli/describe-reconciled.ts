import type { Reconciled } from '../control-plane/recovery/reconcile.js';

/** What the objects told a control database, a line each. */
export const describeReconciled = (told: Reconciled): string =>
  [
    `taken over from the objects: ${told.keys} keys, ${told.backups} backups, ${told.tenants.length} tenants${told.tenants.length > 0 ? ` (${told.tenants.join(', ')})` : ''}`,
    ...(told.goneBackups > 0 ? [`${told.goneBackups} backups were removed since`] : []),
    ...(told.erased.length > 0 ? [`erased since, and not brought back: ${told.erased.join(', ')}`] : []),
    ...told.left.map(({ object, why }) => `NOT TAKEN OVER ${object}: ${why}`),
    '',
  ].join('\n');
