import { type Connection, withConnection } from '../database/connect.js';
import { anyVersionReader } from '../keys/rotation/any-version.js';
import type { TenantKey } from '../keys/tenant-key.js';

/** The choice of patients to show. */
export interface SampleOptions {
  readonly clinicId: string;
  /** The versions of the key of the clinic's tenant. */
  readonly keys: readonly TenantKey[];
  readonly limit: number;
}

/** A patient, decrypted. */
export interface SamplePatient {
  readonly patientName: string;
  readonly phone: string;
  readonly medicalHistory: string;
  readonly locale: string;
  /** Null when the patient never wrote. */
  readonly lastMessage: string | null;
}

interface SampleRow {
  readonly id: string;
  readonly name: Buffer;
  readonly phone: Buffer;
  readonly history: Buffer;
  readonly locale: string;
  readonly message_id: string | null;
  readonly body: Buffer | null;
}

/** The first patient of each language, then the second of each, and so on. */
const SAMPLE = `
  SELECT p.id, p.patient_name_sealed AS name, p.phone_sealed AS phone, p.medical_history_sealed AS history,
         p.locale, m.id AS message_id, m.body_sealed AS body
    FROM (SELECT *, row_number() OVER (PARTITION BY locale ORDER BY id) AS turn
            FROM clinical.patients WHERE clinic_id = $1
           ORDER BY turn, locale LIMIT $2) p
    LEFT JOIN LATERAL (
      SELECT m.id, m.body_sealed
        FROM clinical.conversations c
        JOIN clinical.messages m ON m.clinic_id = c.clinic_id AND m.conversation_id = c.id
       WHERE c.clinic_id = p.clinic_id AND c.patient_id = p.id
       ORDER BY m.sent_at DESC LIMIT 1) m ON true
   ORDER BY p.turn, p.locale`;

/**
 * Reads and decrypts a few patients of a clinic, in all its languages.
 *
 * @throws RingfenceError envelope_refused when the keys are another tenant's or lack a version.
 */
export const sampleDemo = (
  connection: Connection,
  { clinicId, keys, limit }: SampleOptions,
): Promise<SamplePatient[]> =>
  withConnection(connection, async (client) => {
    const { rows } = await client.query<SampleRow>(SAMPLE, [clinicId, limit]);
    const read = anyVersionReader(keys, clinicId);
    const open = (table: string, column: string, rowId: string, envelope: Buffer): string =>
      read({ table: `clinical.${table}`, column, rowId }, envelope);
    return rows.map((row) => ({
      patientName: open('patients', 'patient_name_sealed', row.id, row.name),
      phone: open('patients', 'phone_sealed', row.id, row.phone),
      medicalHistory: open('patients', 'medical_history_sealed', row.id, row.history),
      locale: row.locale,
      lastMessage:
        row.message_id === null || row.body === null
          ? null
          : open('messages', 'body_sealed', row.message_id, row.body),
    }));
  });
