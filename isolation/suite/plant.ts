import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { ContextSubject } from '../../data-plane/access/context-token.js';
import { inTransaction } from '../../data-plane/database/connect.js';
import { attempt } from '../attempt.js';
import { type CanaryShape, insertCanary } from '../canary.js';
import { CANARY_SLUG_PREFIX, canaryId } from './canary-ids.js';
import { type CanaryTable, parentValues } from './canary-tables.js';

/** A clinic of a throw-away tenant. */
export interface CanaryClinic extends ContextSubject {
  /** The text of each of its rows has this mark; no other row has it. */
  readonly marker: string;
}

/** Makes a throw-away tenant with one clinic for each name. Commits. */
export const plantTenant = async (
  admin: pg.Client,
  name: string,
  clinics: readonly string[],
): Promise<CanaryClinic[]> => {
  const tenantId = canaryId();
  const unique = randomBytes(6).toString('hex');
  const planted = clinics.map(() => ({
    tenantId,
    clinicId: canaryId(),
    marker: `canary${randomBytes(9).toString('hex')}`,
  }));
  await inTransaction(admin, async () => {
    await admin.query(`INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'active')`, [
      tenantId,
      `${CANARY_SLUG_PREFIX}${name}-${unique}`,
    ]);
    for (const [at, { clinicId, marker }] of planted.entries()) {
      await admin.query(
        `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
         VALUES ($1, $2, $3, $4, 'canary', 'UTC', 'active')`,
        [clinicId, tenantId, clinics[at], marker],
      );
    }
  });
  return planted;
};

/**
 * Plants one row of a clinic in every table, referring to each other as real ones do. Canaries are no real events:
 * they fire no trigger, so they are in no audit log and no count. Commits; says in `keys` where it succeeded.
 */
export const plantRows = async (
  admin: pg.Client,
  tables: readonly CanaryTable[],
  clinic: CanaryClinic,
): Promise<void> => {
  await inTransaction(admin, async () => {
    await admin.query('SET LOCAL session_replication_role = replica');
    for (const table of tables) {
      const given = parentValues(tables, table, clinic);
      const shapes: CanaryShape[] = [{ given, text: clinic.marker }, { given }, {}];
      for (const shape of shapes) {
        const key = await plantRow(admin, table, clinic.clinicId, shape);
        if (key === undefined) continue;
        table.keys.set(clinic.clinicId, key);
        break;
      }
    }
  });
};

const plantRow = async (
  admin: pg.Client,
  table: CanaryTable,
  clinicId: string,
  shape: CanaryShape,
): Promise<Record<string, string> | undefined> => {
  const key = table.keyColumns.map((column) => `${admin.escapeIdentifier(column)}::text`).join(', ');
  const insert = `${insertCanary(admin, table, '$1::uuid', shape)} RETURNING ${key === '' ? 'clinic_id::text' : key}`;
  if ((await attempt(admin, insert, [clinicId])).sqlstate !== undefined)
    return copyRow(admin, table, clinicId, key);
  // The attempt took itself back; a statement that works runs again for good.
  return insertedKey(admin, table, insert, clinicId);
};

/** A copy of any row of the table, where none could be made from the types of its columns. */
const copyRow = async (
  admin: pg.Client,
  table: CanaryTable,
  clinicId: string,
  key: string,
): Promise<Record<string, string> | undefined> => {
  const insert = `INSERT INTO ${table.name} (clinic_id, ${table.columns.join(', ')}) OVERRIDING SYSTEM VALUE
    SELECT $1::uuid, ${table.columns.join(', ')} FROM ${table.name} LIMIT 1 RETURNING ${key === '' ? 'clinic_id::text' : key}`;
  if (table.columns.length === 0 || (await attempt(admin, insert, [clinicId])).sqlstate !== undefined)
    return undefined;
  return insertedKey(admin, table, insert, clinicId);
};

const insertedKey = async (
  admin: pg.Client,
  { keyColumns }: CanaryTable,
  insert: string,
  clinicId: string,
): Promise<Record<string, string> | undefined> => {
  const { rows } = await admin.query<string[]>({ text: insert, values: [clinicId], rowMode: 'array' });
  return rows[0] && Object.fromEntries(keyColumns.map((column, at) => [column, rows[0]?.[at] ?? '']));
};
