import type pg from 'pg';
import { z } from 'zod';
import { PLACEMENT_STATES } from '../../core/lifecycle.js';
import { readRows } from '../project/read-rows.js';

const placementSchema = z.object({ cell: z.string(), state: z.enum(PLACEMENT_STATES), since: z.date() });

/** A placement of a tenant, and since when it is in its state. */
export type DatedPlacement = Readonly<z.infer<typeof placementSchema>>;

export const listDatedPlacements = async (control: pg.Pool, tenantId: string): Promise<DatedPlacement[]> => {
  const { rows } = await control.query(
    'SELECT cell, state, since FROM control.placements WHERE tenant_id = $1 ORDER BY epoch',
    [tenantId],
  );
  return readRows(placementSchema, 'control.placements', rows);
};

const storeSchema = z.object({ place: z.string(), cell: z.string() });

/** Every store that may hold objects of the tenant: each place of its backups, and the present one, for each cell it ever had. */
export const listStores = async (
  control: pg.Pool,
  tenantId: string,
  presentPlace: string,
): Promise<Readonly<z.infer<typeof storeSchema>>[]> => {
  const { rows } = await control.query(
    `WITH places AS (SELECT place FROM control.backups WHERE tenant_id = $1 UNION SELECT $2),
          cells AS (SELECT cell FROM control.backups WHERE tenant_id = $1
                     UNION SELECT cell FROM control.placements WHERE tenant_id = $1)
     SELECT place, cell FROM places, cells ORDER BY place, cell`,
    [tenantId, presentPlace],
  );
  return readRows(storeSchema, 'control.backups', rows);
};

/** Every place that objects of the project ever went to. */
export const listPlaces = async (control: pg.Pool, presentPlace: string): Promise<string[]> => {
  const { rows } = await control.query('SELECT place FROM control.backups UNION SELECT $1 ORDER BY place', [
    presentPlace,
  ]);
  return readRows(storeSchema.pick({ place: true }), 'control.backups', rows).map(({ place }) => place);
};
