import type pg from 'pg';
import { z } from 'zod';
import type { Anchor } from '../../data-plane/audit/verify.js';
import { readRows } from '../project/read-rows.js';

const anchorSchema = z.object({ seq: z.int(), hash: z.instanceof(Buffer) });

/** Ends of a tenant's audit chain that were noted when it was sound. */
export const readAnchors = async (control: pg.Pool, tenantId: string): Promise<Anchor[]> => {
  const { rows } = await control.query(
    'SELECT seq::float8 AS seq, hash FROM control.audit_anchors WHERE tenant_id = $1 ORDER BY seq',
    [tenantId],
  );
  return readRows(anchorSchema, 'control.audit_anchors', rows);
};

export const noteAnchor = async (
  control: pg.Pool,
  tenantId: string,
  { seq, hash }: Anchor,
): Promise<void> => {
  await control.query(
    'INSERT INTO control.audit_anchors (tenant_id, seq, hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [tenantId, seq, hash],
  );
};
