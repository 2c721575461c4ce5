import { RingfenceError } from '../../../core/errors.js';
import type { Action } from '../../../core/permissions.js';
import type { BlindIndexKind } from '../../keys/blind-index.js';

/** A column that holds a field envelope, and the blind index beside it, if it can be searched. */
export interface SealedColumn {
  /** Column of type bytea with the envelope. */
  readonly sealed: string;
  /** Column of type bytea for exact search. */
  readonly index?: { readonly column: string; readonly kind: BlindIndexKind };
  /** The permission that a role needs to read the column in clear. */
  readonly readAction?: Action;
  /** Whose visit decides whether it is permitted now; without it, what the role is ever permitted counts. */
  readonly visitOf?: 'patient' | 'prescription' | 'addendum';
}

/** The sealed columns of each table, `schema.table`, by the plain name that programs use. */
export type SealedColumns = Readonly<Record<string, Readonly<Record<string, SealedColumn>>>>;

/** The sealed columns of the reference schema (migrations/cell/0006_reference_schema.sql). */
export const REFERENCE_SEALED_COLUMNS = {
  'clinical.patients': {
    patient_name: {
      sealed: 'patient_name_sealed',
      index: { column: 'patient_name_index', kind: 'name' },
    },
    phone: { sealed: 'phone_sealed', index: { column: 'phone_index', kind: 'phone' } },
    medical_history: {
      sealed: 'medical_history_sealed',
      readAction: 'READ_MEDICAL_HISTORY',
      visitOf: 'patient',
    },
  },
  'clinical.prescriptions': {
    payload: { sealed: 'payload_sealed', readAction: 'READ_MEDICAL_HISTORY', visitOf: 'prescription' },
  },
  'clinical.prescription_addenda': {
    note: { sealed: 'note_sealed', readAction: 'READ_MEDICAL_HISTORY', visitOf: 'addendum' },
  },
  'clinical.messages': { body: { sealed: 'body_sealed' } },
} as const satisfies SealedColumns;

/** @throws RingfenceError `usage` for a table without sealed columns. */
export const columnsOf = (declared: SealedColumns, table: string): Readonly<Record<string, SealedColumn>> => {
  const columns = Object.hasOwn(declared, table) ? declared[table] : undefined;
  if (columns) return columns;
  throw new RingfenceError('usage', `${table} has no sealed columns`, {
    fix: `declare them in createAccess; known: ${Object.keys(declared).join(', ')}`,
  });
};

/** @throws RingfenceError `usage` for a column that is not declared. */
export const columnOf = (declared: SealedColumns, table: string, name: string): SealedColumn => {
  const columns = columnsOf(declared, table);
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column) return column;
  throw new RingfenceError('usage', `${table} has no sealed column ${name}`, {
    fix: `its sealed columns: ${Object.keys(columns).join(', ')}`,
  });
};
