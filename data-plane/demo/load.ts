import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, inTransaction, withConnection } from '../database/connect.js';
import type { RandomSource } from '../keys/random.js';
import type { TenantKey } from '../keys/tenant-key.js';
import { type ClinicContext, clinicContext } from './clinic-context.js';
import { addClinicRows, sharedUsers } from './clinic-rows.js';
import { copyBatch } from './copy-batch.js';
import { addFigures } from './figures.js';
import { idSource } from './ids.js';
import { type DemoClinic, readKnownClinics } from './known-clinics.js';
import { addPatient } from './patient-rows.js';
import { randomFrom } from './random.js';
import { type RowBatch, rowBatch } from './rows.js';
import { addSingleRows } from './single-rows.js';

/** The options of `loadDemo`. */
export interface DemoOptions {
  /** Clinics of one tenant; patients are dealt to them in turn. */
  readonly clinics: readonly DemoClinic[];
  /** The tenant's key. */
  readonly key: TenantKey;
  /** The number of patients, with about ten rows each. */
  readonly patients: number;
  /** Same seed, clinics, patients and day: same rows and ids; only the envelopes' IVs differ. */
  readonly seed: number;
  /** The present time: the queue is of now, visits are of before, some appointments of later. */
  readonly today: Date;
  /** Told how many rows are copied so far. What it throws undoes the load. */
  readonly onProgress?: (rows: number) => void;
  /** Source of the envelopes' IVs. Only tests give one: an IV that comes twice under one key breaks the encryption. */
  readonly random?: RandomSource;
}

/** The rows that a load added. */
export interface DemoReport {
  readonly rows: number;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly seconds: number;
}

/** Patients in memory at once are at most twice as many. */
const BATCH_PATIENTS = 500;
/** While one batch is made, the one before is being sent: this often the making lets the sending go on. */
const PATIENTS_PER_TURN = 20;
const UNIQUE_VIOLATION = '23505';

/**
 * Adds invented patients, with all that clinics have about them, to clinics of one tenant. All or nothing: one
 * transaction, undone by an error or a lost connection. Another seed adds to what is there.
 *
 * @param connection as the superuser of the cell's database: COPY is refused to those who are under row-level security.
 * @throws RingfenceError usage for options that cannot be; tenant_not_found for a clinic that is not there;
 *   conflict when demo data of this seed is loaded already.
 */
export const loadDemo = async (connection: Connection, options: DemoOptions): Promise<DemoReport> => {
  requireUsable(options);
  const startedMs = performance.now();
  const counts = new Map<string, number>();
  await withConnection(connection, (client) =>
    inTransaction(client, () => fill(client, options, counts)).catch((error: unknown) => {
      throw explained(error, options.seed);
    }),
  );
  return {
    rows: total(counts),
    tables: [...counts].map(([table, rows]) => ({ table, rows })),
    seconds: (performance.now() - startedMs) / 1000,
  };
};

const fill = async (client: pg.Client, options: DemoOptions, counts: Map<string, number>): Promise<void> => {
  const { clinics, key, onProgress, patients, seed } = options;
  const known = await readKnownClinics(client, key.tenantId, clinics);
  const contexts = known.map((clinic) => clinicContext({ ...options, clinic }));

  let batch = rowBatch();
  const shared = sharedUsers(key.tenantId, seed, contexts[0]?.language ?? 'es');
  const userId = idSource(randomFrom('members', seed, key.tenantId));
  for (const context of contexts) addClinicRows(context, batch, shared, userId);
  for (let first = 0; batch.count > 0; first += BATCH_PATIENTS) {
    const last = Math.min(first + BATCH_PATIENTS, patients);
    const [next] = await Promise.all([
      makePatients(contexts, first, last, patients),
      copyBatch(client, batch, counts),
    ]);
    onProgress?.(total(counts));
    batch = next;
  }

  for (const context of contexts) await addSingleRows(client, context, counts);
  const figures = contexts.map((context) => context.figures);
  counts.set('clinical.daily_figures', await addFigures(client, figures));
  onProgress?.(total(counts));
};

/** The patients from `first` to before `last`, of `patients` in all. */
const makePatients = async (
  contexts: readonly ClinicContext[],
  first: number,
  last: number,
  patients: number,
): Promise<RowBatch> => {
  const batch = rowBatch();
  for (let number = first; number < last; number++) {
    const turn = number % contexts.length;
    const context = contexts[turn];
    if (context === undefined) continue;
    const ofClinic = Math.ceil((patients - turn) / contexts.length);
    addPatient(context, batch, Math.floor(number / contexts.length), ofClinic);
    if (number % PATIENTS_PER_TURN === 0) await nextTurn();
  }
  return batch;
};

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, rows) => sum + rows, 0);

const requireUsable = ({ clinics, patients, seed }: DemoOptions): void => {
  const wrong = (what: string): RingfenceError => new RingfenceError('usage', what);
  if (clinics.length === 0) throw wrong('demo data needs at least one clinic');
  if (new Set(clinics.map(({ id }) => id)).size < clinics.length) throw wrong('a clinic is named twice');
  if (!Number.isSafeInteger(patients) || patients < 1) throw wrong('patients is a whole number from 1');
  if (!Number.isSafeInteger(seed) || seed < 0) throw wrong('the seed is a whole number from 0');
};

/** Ids are made from the seed, so a duplicate is an earlier load's. */
const explained = (error: unknown, seed: number): unknown =>
  (error as { code?: unknown } | null)?.code === UNIQUE_VIOLATION
    ? new RingfenceError('conflict', `demo data of seed ${seed} is loaded already`, {
        fix: 'use another --seed to add more',
        cause: error,
      })
    : error;
