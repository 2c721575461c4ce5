import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

/** A backup that was restored into an empty cell. */
export interface Rehearsal {
  readonly tenantId: string;
  readonly backupId: string;
  readonly at: Date;
  /** Until there was an empty cell. */
  readonly cellMs: number;
  /** From then until all rows were back and compared. */
  readonly restoreMs: number;
  readonly rows: number;
}

export const recordRehearsal = async (control: pg.Pool, rehearsal: Rehearsal): Promise<void> => {
  const { tenantId, backupId, at, cellMs, restoreMs, rows } = rehearsal;
  await control.query(
    `INSERT INTO control.rehearsals (tenant_id, backup_id, at, cell_ms, restore_ms, rows) VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, backupId, at, Math.round(cellMs), Math.round(restoreMs), rows],
  );
};

/** The time since which there are backups without any rehearsal; undefined without a backup. */
export const notRehearsedSince = async (control: pg.Pool): Promise<Date | undefined> => {
  const { rows } = await control.query(
    `SELECT coalesce((SELECT max(at) FROM control.rehearsals),
                     (SELECT min(verified_at) FROM control.backups WHERE state = 'verified')) AS since`,
  );
  const [first] = readRows(z.object({ since: z.date().nullable() }), 'control.rehearsals', rows);
  return first?.since ?? undefined;
};

/** The deployed tenant whose last rehearsal is longest ago, or that had none; only tenants with a verified backup. */
export const nextToRehearse = async (control: pg.Pool): Promise<string | undefined> => {
  const { rows } = await control.query(
    `SELECT t.slug FROM control.tenants t
      WHERE t.state IN ('active', 'suspended')
        AND EXISTS (SELECT FROM control.backups b WHERE b.tenant_id = t.id AND b.state = 'verified')
      ORDER BY (SELECT max(at) FROM control.rehearsals r WHERE r.tenant_id = t.id) NULLS FIRST, t.slug LIMIT 1`,
  );
  return readRows(z.object({ slug: z.string() }), 'control.tenants', rows)[0]?.slug;
};
