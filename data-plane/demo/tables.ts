import type { CellValue } from '../database/copy-text.js';

/** The tables that a load copies into, of the schema `clinical`, parents first, with their columns. */
export const DEMO_TABLES = {
  services: ['clinic_id', 'id', 'name', 'duration_minutes', 'price_min_eur', 'price_max_eur', 'price_public'],
  staff: ['clinic_id', 'id', 'user_id', 'full_name', 'role', 'speciality', 'active'],
  patients: [
    'clinic_id',
    'id',
    'patient_name_sealed',
    'patient_name_index',
    'phone_sealed',
    'phone_index',
    'medical_history_sealed',
    'birth_date',
    'locale',
    'created_at',
  ],
  appointments: [
    'clinic_id',
    'id',
    'patient_id',
    'staff_id',
    'service_id',
    'starts_at',
    'duration_minutes',
    'status',
  ],
  visits: [
    'clinic_id',
    'id',
    'patient_id',
    'staff_id',
    'appointment_id',
    'status',
    'started_at',
    'finished_at',
  ],
  prescriptions: ['clinic_id', 'id', 'visit_id', 'status', 'payload_sealed', 'finalised_at'],
  prescription_addenda: ['clinic_id', 'id', 'prescription_id', 'note_sealed', 'added_at'],
  conversations: ['clinic_id', 'id', 'patient_id', 'channel', 'opened_at'],
  messages: ['clinic_id', 'id', 'conversation_id', 'author', 'body_sealed', 'sent_at'],
  invoices: ['clinic_id', 'id', 'patient_id', 'number', 'issued_at', 'total_eur', 'status'],
  invoice_lines: ['clinic_id', 'id', 'invoice_id', 'description', 'amount_eur'],
  audit_events: ['clinic_id', 'id', 'at', 'actor', 'action', 'subject', 'detail'],
} as const satisfies Record<string, readonly string[]>;

export type DemoTable = keyof typeof DEMO_TABLES;

/** A row without its clinic and id, which come from the clinic's context. */
export type DemoRow<T extends DemoTable> = Readonly<
  Record<Exclude<(typeof DEMO_TABLES)[T][number], 'clinic_id' | 'id'>, CellValue>
>;
