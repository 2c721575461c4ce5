import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { ENVELOPE_OVERHEAD_BYTES, envelopeKeyVersion } from '../field-envelope.js';
import type { TenantKey } from '../tenant-key.js';
import { anyVersionReader } from './any-version.js';
import { readSealedTables, type SealedTable } from './sealed-tables.js';

/** Says whether a tenant's keys and its rows belong together. */
export interface FieldProbe {
  /** The number of opened values. */
  readonly opened: number;
  /** Versions of the key, by column, none of whose values opened. */
  readonly refused: readonly { readonly column: string; readonly keyVersion: number }[];
  /** The highest version that any value asks for; 0 without values. */
  readonly highestVersion: number;
}

interface SealedValue {
  readonly clinicId: string;
  readonly rowId: string;
  readonly envelope: Buffer;
}

/** A single damaged value says nothing of the key; several do. */
const VALUES_PER_VERSION = 3;

/**
 * Opens a few values of every sealed column of a tenant, of the newest version of the key that it has and of the oldest.
 * @param keys every version that there is.
 */
export const probeFields = async (
  client: pg.ClientBase,
  tenantId: string,
  keys: readonly TenantKey[],
): Promise<FieldProbe> => {
  await client.query('SET row_security = off');
  const refused: { column: string; keyVersion: number }[] = [];
  let opened = 0;
  let highestVersion = 0;
  for (const table of await readSealedTables(client)) {
    for (const { column } of table.fields) {
      const versions = new Map<number, boolean>();
      for (const order of ['DESC', 'ASC'] as const)
        for (const value of await endValues(client, table, column, tenantId, order)) {
          const keyVersion = envelopeKeyVersion(value.envelope);
          const isOpen = opens(table, column, value, keys);
          versions.set(keyVersion, versions.get(keyVersion) === true || isOpen);
          if (isOpen) opened++;
        }
      highestVersion = Math.max(highestVersion, ...versions.keys());
      for (const [keyVersion, isOpen] of versions)
        if (!isOpen) refused.push({ column: `${table.name}.${column}`, keyVersion });
    }
  }
  return { opened, refused, highestVersion };
};

/** @throws RingfenceError `keys_differ`, naming columns and versions, when one is refused. */
export const assertKeysFit = ({ refused }: FieldProbe): void => {
  if (refused.length === 0) return;
  const which = refused
    .map(({ column, keyVersion }) => `${column} asks for version ${keyVersion}`)
    .join(', ');
  throw new RingfenceError(
    'keys_differ',
    `keys and rows do not belong together: no key of the tenant opens its values (${which})`,
    {
      fix: 'the control database is older than the rows, or the rows are of another time: `ringfence control reconcile` takes keys over that lie beside the backups',
    },
  );
};

const opens = (
  table: SealedTable,
  column: string,
  value: SealedValue,
  keys: readonly TenantKey[],
): boolean => {
  try {
    const place = { table: table.name, column, rowId: value.rowId };
    anyVersionReader(keys, value.clinicId)(place, value.envelope);
    return true;
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'envelope_refused') return false;
    throw error;
  }
};

/** Values of the newest versions of the key, or the oldest. An envelope that is too short has none. */
const endValues = async (
  client: pg.ClientBase,
  { quoted, key }: SealedTable,
  column: string,
  tenantId: string,
  order: 'ASC' | 'DESC',
): Promise<SealedValue[]> => {
  const sealed = pg.escapeIdentifier(column);
  const { rows } = await client.query<SealedValue>(
    `SELECT clinic_id AS "clinicId", ${key}::text AS "rowId", ${sealed} AS envelope FROM ${quoted}
      WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1)
        AND octet_length(${sealed}) >= $2 AND get_byte(${sealed}, 0) = 1
      ORDER BY substring(${sealed} FROM 2 FOR 4) ${order} LIMIT ${VALUES_PER_VERSION}`,
    [tenantId, ENVELOPE_OVERHEAD_BYTES],
  );
  return rows;
};
