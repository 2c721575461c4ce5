import { VERTICALS, type Vertical } from '../../manifest/dimensions/compliance.js';
import { type BlindIndex, blindIndex } from '../keys/blind-index.js';
import { encryptField, fieldKey } from '../keys/field-envelope.js';
import type { RandomSource } from '../keys/random.js';
import type { TenantKey } from '../keys/tenant-key.js';
import { type Calendar, calendarOf } from './calendar.js';
import { type Figures, figuresOf } from './figures.js';
import { idSource } from './ids.js';
import type { KnownClinic } from './known-clinics.js';
import { type Place, placeOf } from './people.js';
import { type Random, randomFrom } from './random.js';
import type { RowBatch } from './rows.js';
import type { DemoRow, DemoTable } from './tables.js';
import type { Language } from './words/language.js';
import type { ServiceWords } from './words/services.js';

/** A doctor who sees patients; `actor` is who the audit log names. */
export interface Doctor {
  readonly id: string;
  readonly actor: string;
}

/** What the rows of one clinic are made with, in a fixed order of choices. */
export interface ClinicContext {
  readonly clinic: KnownClinic;
  readonly vertical: Vertical;
  readonly place: Place;
  /** The language of the clinic's own texts. */
  readonly language: Language;
  readonly random: Random;
  readonly calendar: Calendar;
  readonly figures: Figures;
  readonly index: BlindIndex;
  readonly now: Date;
  /** Filled by `addClinicRows`. */
  readonly services: (ServiceWords & { readonly id: string })[];
  /** Filled by `addClinicRows`. */
  readonly doctors: Doctor[];
  nextId(): string;
  /** `D<seed>-<year>-<number>`: a series of invoices of its own, from 1 in each year. */
  nextInvoiceNumber(year: string): string;
  /** The field envelope for a row of `clinical.<table>`. */
  seal(table: DemoTable, column: string, rowId: string, text: string): Buffer;
  add<T extends DemoTable>(batch: RowBatch, table: T, id: string, row: DemoRow<T>): void;
}

export interface ContextOptions {
  readonly clinic: KnownClinic;
  readonly key: TenantKey;
  readonly seed: number;
  readonly today: Date;
  readonly random?: RandomSource;
}

export const clinicContext = ({ clinic, key, seed, today, random: ivs }: ContextOptions): ClinicContext => {
  const vertical = VERTICALS.find((known) => known === clinic.vertical) ?? 'general';
  const place = placeOf(clinic.timeZone);
  const calendar = calendarOf(clinic.hours, today);
  const field = fieldKey(key, clinic.id, ivs === undefined ? {} : { random: ivs });
  const invoices = new Map<string, number>();
  return {
    clinic,
    vertical,
    place,
    language: place === 'europe' ? 'es' : 'ar',
    random: randomFrom('clinic', seed, clinic.id),
    calendar,
    figures: figuresOf(clinic.id, calendar.today),
    index: blindIndex(key, clinic.id),
    now: today,
    services: [],
    doctors: [],
    nextId: idSource(randomFrom('ids', seed, clinic.id)),
    nextInvoiceNumber(year) {
      const number = (invoices.get(year) ?? 0) + 1;
      invoices.set(year, number);
      return `D${seed}-${year}-${String(number).padStart(6, '0')}`;
    },
    seal: (table, column, rowId, text) =>
      encryptField(field, { table: `clinical.${table}`, column, rowId }, text),
    add: (batch, table, id, row) => batch.add(table, clinic.id, id, row),
  };
};
