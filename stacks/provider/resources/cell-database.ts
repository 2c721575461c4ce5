import { z } from 'zod';
import { withConnection } from '../../../data-plane/database/connect.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import type { Target } from '../dependencies.js';
import { defineResource, type ServedResource } from '../resource.js';

/** `ringfence:index:CellDatabase`: schema, context key and application login. `schemaHash` changes with the migrations. */
export const cellDatabase = (target: Target): ServedResource => {
  const prepare = async ({ cell }: { cell: string }) => {
    await withConnection(await target.adminConnection(cell), (client) =>
      prepareCell(client, target.credentials(cell)),
    );
    target.reached('cell-database-prepared');
    return {};
  };
  return defineResource({
    inputs: z.strictObject({ cell: z.string(), schemaHash: z.string() }),
    replaceOn: ['cell'],
    id: ({ cell }) => `cell-database/${cell}`,
    create: prepare,
    update: prepare,
    read: async ({ cell }) => {
      const found = await withConnection(await target.adminConnection(cell), (client) =>
        client.query(`SELECT to_regproc('ringfence.enter') IS NOT NULL AS ready`),
      );
      return found.rows[0]?.ready ? {} : undefined;
    },
    // The database goes with the Database resource of @pulumi/postgresql.
    remove: async () => undefined,
  });
};
