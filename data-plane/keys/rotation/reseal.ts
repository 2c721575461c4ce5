import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { blindIndex } from '../blind-index.js';
import { fieldKey } from '../field-envelope.js';
import { u32 } from '../length-prefixed.js';
import type { TenantKey } from '../tenant-key.js';
import { anyVersionReader } from './any-version.js';
import { isStale, resealBatch } from './reseal-batch.js';
import { readSealedTables, type SealedTable } from './sealed-tables.js';

/** Rows that are locked, or were written under an older key meanwhile, are tried again after 1/4 s, 1/2 s and so on: two minutes in all, beyond any idle transaction. */
const PASSES_MAX = 10;
const FIRST_PAUSE_MS = 250;

export interface ResealOptions {
  readonly tenantId: string;
  /** Every version that envelopes may have, ascending; the last one is what they get. */
  readonly keys: readonly TenantKey[];
  /** After each batch: rows sealed again so far, and rows that were to do at the start. */
  readonly onBatch?: (progress: { table: string; rows: number; of: number }) => void;
}

/**
 * The number of rows that were sealed again, by table. `refused` are rows that no version of the key opens; they stay as
 * they are.
 */
export interface ResealReport {
  readonly rows: number;
  readonly refused: number;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly refused: number }[];
}

/**
 * Seals every field of a tenant's clinics under the newest key version, in short transactions beside the running
 * application. Where it stands is seen from the envelopes, so a run that was killed goes on where it was.
 *
 * @param admin as the superuser of the cell's database.
 * @throws RingfenceError tenant_busy when rows are left after two minutes of trying; running it again goes on.
 */
export const resealTenant = (admin: Connection, options: ResealOptions): Promise<ResealReport> =>
  withConnection(admin, async (client) => {
    await client.query('SET row_security = off');
    const newest = options.keys.at(-1);
    if (newest === undefined) throw new RingfenceError('key_not_found', 'there is no key to seal with');
    const tables = await readSealedTables(client);
    const of = await countStale(client, tables, options.tenantId, newest.version);
    const rows = new Map<string, number>();
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const refused = await passOver(client, tables, options, newest, (table, resealed) => {
        rows.set(table, (rows.get(table) ?? 0) + resealed);
        options.onBatch?.({ table, rows: total(rows), of });
      });
      const left = await countStale(client, tables, options.tenantId, newest.version);
      if (left <= total(refused)) {
        const counted = tables.map(({ name }) => ({
          table: name,
          rows: rows.get(name) ?? 0,
          refused: refused.get(name) ?? 0,
        }));
        return { rows: total(rows), refused: total(refused), tables: counted };
      }
      await pause(FIRST_PAUSE_MS * 2 ** pass);
    }
    throw new RingfenceError(
      'tenant_busy',
      'rows are left that open transactions hold, or that an application goes on to seal with an older key',
      { fix: 'restart applications that hold an older key version, then run the command again: it goes on' },
    );
  });

/** Goes over all clinics and tables once. @returns rows refused, by table. */
const passOver = async (
  client: pg.Client,
  tables: readonly SealedTable[],
  { tenantId, keys }: ResealOptions,
  newest: TenantKey,
  onBatch: (table: string, resealed: number) => void,
): Promise<ReadonlyMap<string, number>> => {
  const refused = new Map<string, number>();
  const clinics = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );
  for (const { id: clinicId } of clinics.rows) {
    const clinicKeys = {
      clinicId,
      open: anyVersionReader(keys, clinicId),
      field: fieldKey(newest, clinicId),
      index: blindIndex(newest, clinicId),
    };
    for (const table of tables) {
      let after: string | null = null;
      do {
        const batch = await resealBatch(client, table, clinicKeys, after);
        after = batch.lastRowId;
        refused.set(table.name, (refused.get(table.name) ?? 0) + batch.refused);
        if (batch.resealed > 0) onBatch(table.name, batch.resealed);
      } while (after !== null);
    }
  }
  return refused;
};

/** Rows of a tenant with a field that is sealed under an older version than this. */
export const countStale = async (
  client: pg.Client,
  tables: readonly SealedTable[],
  tenantId: string,
  version: number,
): Promise<number> => {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const { rows } = await client.query<{ stale: number }>(
      `SELECT count(*)::int AS stale FROM ${table.quoted}
        WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1) AND ${isStale(table, '$2')}`,
      [tenantId, u32(version)],
    );
    counts.set(table.name, rows[0]?.stale ?? 0);
  }
  return total(counts);
};

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
