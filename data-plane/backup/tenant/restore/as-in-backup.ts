import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import type { BackedUpTable } from '../contents.js';
import { digestSection } from '../digest.js';
import { tableSection } from '../sections.js';
import { sameKey, sameRow } from './same-rows.js';
import type { PlannedTable, Scope } from './scope.js';
import { isNewer, taken } from './taken-rows.js';
import type { Triggers } from './write-restore.js';

/**
 * Reads what a restore wrote. A table of which all was restored must have the digest that it has in the backup; of
 * another one, the rows of the scope must be those of the backup, byte by byte. Rows that only had to be there must be.
 * Of mode `newest`, rows that were taken must be those of the backup, and no other one of the backup may be newer than
 * what is there.
 *
 * @throws RingfenceError conflict: a trigger made other rows of them, or the tenant wrote meanwhile.
 */
export const assertAsInBackup = async (
  client: pg.ClientBase,
  scope: Scope,
  triggers: Triggers,
): Promise<void> => {
  for (const planned of scope.tables)
    if (!(await isAsInBackup(client, planned, scope))) throw otherwise(planned, triggers);
  for (const filled of scope.toFill)
    if (!(await hasDigest(client, filled, scope.clinicIds))) throw otherwise(filled, triggers);
};

const otherwise = ({ table }: BackedUpTable, triggers: Triggers): RingfenceError =>
  new RingfenceError('conflict', `after the restore ${table.name} would not be as it was in the backup`, {
    fix:
      triggers === 'fired'
        ? 'a trigger of the table changes what is written, and the administrator of this cell may not switch triggers off: let them set session_replication_role, or make the trigger leave rows alone that session_user the administrator writes'
        : 'suspend the tenant and try again; if it stays so, a trigger of the table that is ENABLE ALWAYS changes what is written',
  });

const hasDigest = async (
  client: pg.ClientBase,
  { table, section: { columns, sha256 } }: BackedUpTable,
  clinicIds: readonly string[],
): Promise<boolean> =>
  (await digestSection(client, tableSection({ ...table, columns }, clinicIds))).sha256 === sha256;

const isAsInBackup = async (
  client: pg.ClientBase,
  planned: PlannedTable,
  { whole, clinicIds }: Scope,
): Promise<boolean> => {
  const { table, scratch, mode, inScope } = planned;
  if (mode === 'replace' && whole && planned.shape.changes.length === 0)
    return hasDigest(client, planned, clinicIds);
  const absent = `SELECT FROM ${scratch} s WHERE NOT EXISTS
    (SELECT FROM ${table.quoted} l WHERE ${sameKey(planned)} AND ${asItHasToBe(planned)})`;
  const extra = `SELECT FROM ${table.quoted} l WHERE ${inScope('l')}
    AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)})`;
  const wrong = mode === 'replace' ? `${absent} UNION ALL ${extra}` : absent;
  return (await client.query(`${wrong} LIMIT 1`)).rowCount === 0;
};

const asItHasToBe = (planned: PlannedTable): string => {
  if (planned.mode === 'replace') return sameRow(planned);
  if (planned.mode !== 'newest') return 'true';
  return `CASE WHEN ${taken(planned, 's')} THEN ${sameRow(planned)} ELSE ${isNewer(planned)} IS NOT TRUE END`;
};
