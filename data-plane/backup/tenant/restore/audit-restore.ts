import type pg from 'pg';
import type { Caller } from '../../../../core/caller.js';
import { toldCaller } from '../../../audit/told-caller.js';
import { NEWEST_BY, type RestoreSelection } from './restore-plan.js';

/** Where restored rows went. */
export type RestorePlace = 'in-place' | 'scratch' | 'file';

/** What a clinic is told: rows by `schema.table`, as counts. */
export type ClinicCounts = ReadonlyMap<string, Readonly<Record<string, Readonly<Record<string, number>>>>>;

/**
 * Adds an event `restore` to the audit log of every clinic that has counts: the backup or point in time, where its rows went, the scope
 * (of conditions only the columns: a value may be about a person) and the counts. Which rows were written, the events
 * of the tables' triggers tell.
 */
export const auditRestore = async (
  client: pg.ClientBase,
  options: RestoreSelection & {
    readonly backupId: string;
    readonly pointInTime?: Date;
    readonly into: RestorePlace;
    readonly counts: ClinicCounts;
    readonly caller?: Caller;
  },
): Promise<void> => {
  const { backupId, pointInTime, into, tables, where, mode = 'replace', newestBy = NEWEST_BY } = options;
  const { who, detail: told } = toldCaller(options.caller);
  for (const [clinicId, counts] of options.counts) {
    const detail = {
      ...(pointInTime ? { pointInTime: pointInTime.toISOString() } : { backup: backupId }),
      into,
      ...(into === 'in-place' ? { mode } : {}),
      ...(mode === 'newest' ? { newestBy } : {}),
      ...(tables ? { tables } : {}),
      ...(where?.length ? { where: where.map(({ column }) => column) } : {}),
      rows: counts,
      ...told,
    };
    await client.query(
      `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
       VALUES ($1, coalesce('administrator:' || $3, ringfence_private.actor()), 'restore', 'backup', $2)`,
      [clinicId, detail, who],
    );
  }
};
