import type pg from 'pg';
import { z } from 'zod';
import { parseTenant, type Tenant } from '../../manifest/index.js';
import { readRows } from '../project/read-rows.js';

const inhabitantSchema = z.object({ inputs: z.record(z.string(), z.unknown()) });

/** The tenants of a cell, as they were last deployed. Those of whom no manifest is kept are not among them. */
export const listInhabitants = async (control: pg.Pool, cell: string): Promise<Tenant[]> => {
  const { rows } = await control.query(
    `SELECT d.inputs FROM control.tenants t JOIN control.placements p ON p.tenant_id = t.id
       JOIN LATERAL (SELECT inputs FROM control.deployments
                      WHERE tenant_id = t.id AND applied_at IS NOT NULL ORDER BY number DESC LIMIT 1) d ON true
      WHERE p.cell = $1 AND p.state <> 'left' AND d.inputs <> '{}' ORDER BY t.slug`,
    [cell],
  );
  return readRows(inhabitantSchema, 'control.deployments', rows).map(({ inputs }) => parseTenant(inputs));
};
