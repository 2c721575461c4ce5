import type pg from 'pg';
import { permissionRows } from '../../core/permissions.js';

/** Makes the cell's permission matrix the one of core/permissions.ts, in one statement. @returns whether it was another. */
export const installPermissions = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ changed: boolean }>(
    `WITH wanted AS (
       SELECT role, "visitStatus" AS visit_status, action
         FROM jsonb_to_recordset($1::jsonb) AS row (role text, "visitStatus" text, action text)
     ), gone AS (
       DELETE FROM ringfence.permissions p WHERE NOT EXISTS (SELECT FROM wanted w
        WHERE (w.role, w.visit_status, w.action) = (p.role, p.visit_status, p.action))
        RETURNING 1
     ), new AS (
       INSERT INTO ringfence.permissions (role, visit_status, action) SELECT * FROM wanted ON CONFLICT DO NOTHING RETURNING 1
     )
     SELECT EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM new) AS changed`,
    [JSON.stringify(permissionRows())],
  );
  return rows[0]?.changed === true;
};
