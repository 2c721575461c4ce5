import type { ControlSource } from '../../control-plane/control-backup/restore.js';
import type { Reconciled } from '../../control-plane/recovery/reconcile.js';

/** The news of a control database from the objects, a line each. */
export const describeReconciled = (told: Reconciled): string =>
  [
    `taken over from the objects: ${told.keys} keys, ${told.backups} backups, ${told.tenants.length} tenants${told.tenants.length > 0 ? ` (${told.tenants.join(', ')})` : ''}`,
    ...(told.goneBackups > 0 ? [`${told.goneBackups} backups were removed since`] : []),
    ...told.moved.map((slug) => `${slug} had moved: its home is recorded as its cells have it`),
    ...told.erased.map(
      ({ tenantId, what }) => `erased, and not brought back: ${tenantId} (${what.join(', ')})`,
    ),
    ...told.lost.map(
      ({ id, slug, takenAt, rows }) =>
        `LOST ${slug}: the object of its backup ${id} of ${takenAt.toISOString()} with ${rows} rows is not there, or damaged; put it back from another copy of the objects, then run \`ringfence control reconcile\``,
    ),
    ...told.returned.map(
      ({ id, slug, rows }) =>
        `backup ${id} of ${slug} with ${rows} rows is back; to bring what the cell lacks of it: ringfence backups restore ${slug} --backup ${id} --mode missing-only`,
    ),
    ...(told.signingKeyLost
      ? [
          'LOST: the key that signs certificates of erasures; put .ringfence/erasure/signing-key.pem back from its copy',
        ]
      : []),
    ...told.left.map(({ object, why }) => `NOT TAKEN OVER ${object}: ${why}`),
    '',
  ].join('\n');

/** The parts that the backup of a control database lacked, a line each. */
export const missingFrom = ({ missing }: ControlSource): string[] =>
  missing.length === 0
    ? []
    : [
        `LOST of the control database's backup: ${missing.join(', ')}; what was done after is known from the objects only: holds and suspensions are not`,
      ];
