import type pg from 'pg';
import type { OpenArchive } from '../../archive/reader.js';
import type { BackupTable, Catalogue } from '../catalogue.js';
import type { BackedUpTable, BackupContents } from '../contents.js';
import { uuidArray } from '../identifiers.js';
import { clinicRows, copySection } from '../section-rows.js';
import { eventKey, KEYS_MAX, type StatementWrites } from './book-writes.js';
import type { RestorePlan } from './restore-plan.js';

/**
 * Which tables of a whole restore take the rows of the backup as they come, without a copy to compare with: those to
 * replace, when none of them has a row of the clinics or was another table then, parents can be written before their children, and no parent
 * stays out. So it is after the loss of a cell, and in a rehearsal.
 *
 * @param client in a transaction that has locked the clinics, so that no row comes meanwhile.
 * @returns them in the catalogue's order; none when it is otherwise.
 */
export const tablesToFill = async (
  client: pg.ClientBase,
  { tables, clinicIds }: BackupContents,
  plan: RestorePlan,
  { foreignKeys }: Catalogue,
): Promise<readonly BackedUpTable[]> => {
  const replaced = tables.filter(({ table }) => plan.get(table.name) === 'replace');
  const place = new Map(replaced.map(({ table }, at) => [table.name, at]));
  const isRing = foreignKeys.some(
    ({ child, parent }) => (place.get(parent) ?? -1) > (place.get(child) ?? Number.POSITIVE_INFINITY),
  );
  const isChanged = replaced.some(({ shape }) => shape.changes.length > 0);
  if (replaced.length === 0 || isChanged || isRing || [...plan.values()].includes('parents')) return [];
  const some = replaced.map(
    ({ table }) => `EXISTS (SELECT FROM ${table.quoted} WHERE clinic_id = ANY (${uuidArray(clinicIds)}))`,
  );
  const { rows } = await client.query<{ some: boolean }>(`SELECT ${some.join(' OR ')} AS some`);
  return rows[0]?.some === false ? replaced : [];
};

/** @returns what was inserted, by table and clinic; nothing for those where nothing was. */
export const fillTables = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  tables: readonly BackedUpTable[],
  clinicIds: readonly string[],
): Promise<StatementWrites[]> => {
  const written: StatementWrites[] = [];
  for (const { table, section } of tables) {
    const rows = clinicRows(archive, section, clinicIds);
    await copySection(client, section, table.quoted, rows.bytes);
    for (const [clinicId, inserted] of rows.count())
      if (inserted > 0) written.push(await filledRows(client, table, clinicId, inserted));
  }
  return written;
};

const filledRows = async (
  client: pg.ClientBase,
  table: BackupTable,
  clinicId: string,
  rows: number,
): Promise<StatementWrites> => {
  const found = await client.query<{ bytes: number; keys: string[] }>(
    `SELECT (SELECT sum(${table.rowBytes})::float8 FROM ${table.quoted} n WHERE clinic_id = $1) AS bytes,
            ARRAY(SELECT ${eventKey(table, 'l')} FROM ${table.quoted} l WHERE clinic_id = $1 LIMIT ${KEYS_MAX}) AS keys`,
    [clinicId],
  );
  const { bytes, keys } = found.rows[0] ?? { bytes: 0, keys: [] };
  return { table, clinicId, action: 'insert', rows, again: 0, bytes, keys };
};
