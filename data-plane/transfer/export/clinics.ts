import type pg from 'pg';
import type { Caller } from '../../../core/caller.js';
import { RingfenceError } from '../../../core/errors.js';
import { toldCaller } from '../../audit/told-caller.js';
import type { CountedClinic, ExportedClinic } from './manifest.js';

interface ChosenClinics {
  readonly clinics: readonly ExportedClinic[];
  /** They are all that the tenant has here. */
  readonly complete: boolean;
}

/**
 * @param slugs these clinics; all of them, closed ones too, when there are none.
 * @throws RingfenceError tenant_not_found for a tenant without a clinic in this cell; clinic_not_found.
 */
export const chooseClinics = async (
  client: pg.ClientBase,
  tenantId: string,
  slugs: readonly string[],
): Promise<ChosenClinics> => {
  const { rows } = await client.query<ExportedClinic>(
    `SELECT id, slug, name, vertical, time_zone AS "timeZone", state
       FROM ringfence.clinics WHERE tenant_id = $1 ORDER BY slug COLLATE "C"`,
    [tenantId],
  );
  if (rows.length === 0)
    throw new RingfenceError('tenant_not_found', `the tenant ${tenantId} has no clinic in this cell`);
  const unknown = slugs.find((slug) => !rows.some((clinic) => clinic.slug === slug));
  if (unknown !== undefined) {
    throw new RingfenceError('clinic_not_found', `the tenant has no clinic ${unknown}`, {
      fix: `choose from: ${rows.map(({ slug }) => slug).join(', ')}`,
    });
  }
  const clinics = slugs.length > 0 ? rows.filter(({ slug }) => slugs.includes(slug)) : rows;
  return { clinics, complete: clinics.length === rows.length };
};

/** Tells each clinic's audit log that its rows left, and sealed to whom, in one transaction. */
export const auditExported = async (
  client: pg.ClientBase,
  exportId: string,
  {
    clinics,
    sealedTo,
    caller,
  }: {
    readonly clinics: readonly CountedClinic[];
    readonly sealedTo: readonly string[];
    readonly caller?: Caller | undefined;
  },
): Promise<void> => {
  const { who, detail } = toldCaller(caller);
  const told = { export: exportId, ...(sealedTo.length > 0 ? { sealedTo } : {}), ...detail };
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT clinic_id, coalesce('administrator:' || $3, ringfence_private.actor()), 'export', 'tenant', detail
       FROM unnest($1::uuid[], $2::jsonb[]) AS exported (clinic_id, detail)`,
    [
      clinics.map(({ id }) => id),
      clinics.map(({ tables }) => JSON.stringify({ ...told, rows: tables })),
      who,
    ],
  );
};
