import { z } from 'zod';
import { withConnection } from '../../data-plane/database/connect.js';
import { readPreparation } from '../../data-plane/database/defences.js';
import { describeDifference } from '../../data-plane/database/describe-difference.js';
import { prepareCell } from '../../data-plane/database/prepare-cell.js';
import { repairCell } from '../../data-plane/database/repair/repair-cell.js';
import { refuseEnrolled } from '../../data-plane/enrolment/refuse-enrolled.js';
import type { Target } from '../protocol/provider/dependencies.js';
import { defineResource, type ServedResource } from '../protocol/provider/resource.js';
import { declareResource } from './declare.js';

const inputs = z.strictObject({
  cell: z.string(),
  schemaHash: z.string(),
  /** The differences from the release that a read found. The wanted value is empty; an update mends them. */
  differences: z.array(z.string()),
});
type Inputs = z.infer<typeof inputs>;

export const CellDatabase = declareResource('ringfence:index:CellDatabase', inputs);

/** `ringfence:index:CellDatabase`: schema, defences, context key and logins. `schemaHash` changes with the migrations. */
export const cellDatabase = (
  target: Pick<Target, 'adminConnection' | 'credentials' | 'refuseInhabited' | 'reached'>,
): ServedResource => {
  const prepare = async ({ cell }: Inputs) => {
    await withConnection(await target.adminConnection(cell), (client) =>
      prepareCell(client, target.credentials(cell)),
    );
    target.reached('cell-database-prepared');
    return {};
  };
  return defineResource<Inputs>({
    inputs,
    identity: ['cell'],
    id: ({ cell }) => `cell-database/${cell}`,
    create: prepare,
    update: prepare,
    read: async ({ cell }) =>
      withConnection(await target.adminConnection(cell), async (client) => {
        if ((await readPreparation(client)) !== 'prepared') return undefined;
        const found = await repairCell(client, target.credentials(cell), { dryRun: true });
        return { differences: found.map(describeDifference) };
      }),
    // The database goes with the Database resource of @pulumi/postgresql, after this one.
    remove: async ({ cell }) => {
      await target.refuseInhabited(cell);
      await refuseEnrolled(await target.adminConnection(cell));
    },
  });
};
