import { z } from 'zod';
import { lostBackupView } from '../backups/views.js';
import { restoredCell, restoredTenant, sourceBackupView } from '../cell-restore/views.js';
import { failure, moment } from '../view.js';

/** The news of a control database from the objects. */
export const reconciledView = z.strictObject({
  keys: z.int(),
  backups: z.int(),
  goneBackups: z.int(),
  lost: z.array(lostBackupView),
  returned: z.array(lostBackupView),
  tenants: z.array(z.string()),
  moved: z.array(z.string()).describe('slugs of tenants that had moved to another home since'),
  erased: z.array(z.strictObject({ tenantId: z.guid(), what: z.array(z.string()) })),
  signingKeyLost: z.boolean(),
  left: z.array(z.strictObject({ object: z.string(), why: z.string() })).describe('what was not taken over'),
});

export const controlRestoreView = reconciledView.extend({
  source: z.strictObject({
    kind: z.enum(['backup', 'nothing']),
    lastCommitAt: moment.nullable(),
    missing: z.array(z.string()),
    kept: z.array(z.string()),
  }),
});

export const recoveredView = z.strictObject({
  control: controlRestoreView,
  cells: z.array(
    z.strictObject({
      ...restoredCell,
      tenants: z.array(
        z.strictObject({
          ...restoredTenant,
          broughtBack: z
            .strictObject({
              slug: z.string(),
              backup: sourceBackupView.nullable(),
              failure: failure.nullable(),
            })
            .nullable(),
        }),
      ),
    }),
  ),
  elsewhere: z.array(z.string()).describe('cells on Amazon RDS'),
  manifests: z.array(z.string()).describe('that were written'),
  differing: z.array(z.string()).describe('manifests that are otherwise than their tenant was deployed'),
});
