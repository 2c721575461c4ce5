import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll } from 'vitest';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import { encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import { asClinic, plantClinic, type TestClinic, type TestDatabase } from '../../support/cell-database.js';

/** A clinic with the key of its tenant. */
export interface KeyedClinic extends TestClinic {
  readonly key: TenantKey;
}

/** Two clinics of one tenant and one of another tenant. */
export interface Neighbours {
  readonly own: KeyedClinic;
  readonly sister: KeyedClinic;
  readonly foreign: KeyedClinic;
}

/** Plants them before the tests of a file. */
export const useNeighbours = (db: TestDatabase): Neighbours => {
  const neighbours = {} as { -readonly [name in keyof Neighbours]: KeyedClinic };
  beforeAll(async () => {
    neighbours.own = await keyed(await plantClinic(db.admin, 'own'));
    const sisterId = randomUUID();
    await db.admin.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'sister', 'sister', 'dental', 'Europe/Madrid', 'active')`,
      [sisterId, neighbours.own.tenantId],
    );
    neighbours.sister = { ...neighbours.own, clinicId: sisterId };
    neighbours.foreign = await keyed(await plantClinic(db.admin, 'foreign'));
  });
  return neighbours;
};

const keyed = (clinic: TestClinic): KeyedClinic => ({
  ...clinic,
  key: new TenantKey(clinic.tenantId, 1, randomBytes(32)),
});

/** Runs a statement as the application in a clinic, for good. */
export const inClinic = async <R extends pg.QueryResultRow>(
  db: TestDatabase,
  clinic: TestClinic,
  sql: string,
  values: readonly unknown[] = [],
): Promise<R[]> =>
  asClinic(db.app, clinic, async (client) => (await client.query<R>(sql, [...values])).rows, 'COMMIT');

/** What a statement comes to in a clinic: its row count, or the SQLSTATE and message of its refusal. */
export const outcome = async (
  db: TestDatabase,
  clinic: TestClinic,
  sql: string,
  values: readonly unknown[] = [],
): Promise<string> =>
  asClinic(db.app, clinic, (client) => client.query(sql, [...values])).then(
    ({ rowCount }) => `${rowCount} rows`,
    (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
  );

/** Adds a patient as the clinic's application does. @returns the id. */
export const addPatient = async (
  db: TestDatabase,
  clinic: KeyedClinic,
  person: { readonly name: string; readonly phone: string },
): Promise<string> => {
  const id = randomUUID();
  const field = fieldKey(clinic.key, clinic.clinicId);
  const index = blindIndex(clinic.key, clinic.clinicId);
  const seal = (column: string, text: string): Buffer =>
    encryptField(field, { table: 'clinical.patients', column, rowId: id }, text);
  await inClinic(
    db,
    clinic,
    `INSERT INTO clinical.patients (id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
                                    medical_history_sealed, locale) VALUES ($1, $2, $3, $4, $5, $6, 'es')`,
    [
      id,
      seal('patient_name_sealed', person.name),
      index.name(person.name),
      seal('phone_sealed', person.phone),
      index.phone(person.phone),
      seal('medical_history_sealed', 'Sin alergias'),
    ],
  );
  return id;
};
