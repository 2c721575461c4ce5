import { RingfenceError } from '../../core/errors.js';
import { isName } from '../../core/postgres-name.js';
import { readTableName } from '../database/table-name.js';
import { lengthPrefixed, u32 } from './length-prefixed.js';

/** The place of an encrypted value. It is part of the additional data, so the value opens nowhere else. */
export interface FieldPlace {
  /** With its schema where the application has several; quotes that reading it does not need may be left out. */
  readonly table: string;
  readonly column: string;
  /** The row's key as text, 1 to 255 bytes. */
  readonly rowId: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PLAIN = /^[a-z0-9_.]{1,127}$/;
const ROW_ID_MAX_BYTES = 255;

/** The part of the additional data that a clinic's fields share (docs/formats.md, field envelope). */
export const fieldAadPrefix = (tenantId: string, clinicId: string, keyVersion: number): Buffer => {
  if (!UUID.test(tenantId) || !UUID.test(clinicId)) {
    throw new RingfenceError('envelope_refused', 'tenant and clinic ids are lower-case UUIDs');
  }
  return lengthPrefixed(['ringfence/field/v1', tenantId, clinicId, u32(keyVersion)]);
};

/** The whole additional data: `LP` of table, column and row id after the prefix, in one allocation (hot path). */
export const fieldAad = (prefix: Buffer, place: FieldPlace): Buffer => {
  const { column, rowId } = place;
  const table = placeTable(place.table);
  const rowIdBytes = Buffer.byteLength(rowId, 'utf8');
  const isPlace =
    table !== undefined &&
    (PLAIN.test(column) || isName(column)) &&
    rowIdBytes >= 1 &&
    rowIdBytes <= ROW_ID_MAX_BYTES;
  if (!isPlace) {
    throw new RingfenceError(
      'envelope_refused',
      'the place of the field has a malformed table, column or row id',
    );
  }
  const [tableBytes, columnBytes] = [Buffer.byteLength(table, 'utf8'), Buffer.byteLength(column, 'utf8')];
  const aad = Buffer.allocUnsafe(prefix.length + tableBytes + columnBytes + rowIdBytes + 6);
  let at = prefix.copy(aad);
  at = aad.writeUInt16BE(tableBytes, at);
  at += aad.write(table, at, 'utf8');
  at = aad.writeUInt16BE(columnBytes, at);
  at += aad.write(column, at, 'utf8');
  at = aad.writeUInt16BE(rowIdBytes, at);
  aad.write(rowId, at, 'utf8');
  return aad;
};

/** One spelling for a table, whatever quotes it was given with. Undefined for what is no name. */
const placeTable = (table: string): string | undefined => {
  if (PLAIN.test(table)) return table;
  return readTableName(table) ?? (isName(table) ? table : undefined);
};
