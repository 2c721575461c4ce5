import { RingfenceError } from '../../tenants/errors.js';
import { lengthPrefixed, u32 } from './length-prefixed.js';

/** Where an encrypted value lives; part of its additional data, so it opens nowhere else. */
export interface FieldPlace {
  /** `[a-z0-9_.]{1,127}`, with its schema where the application has several. */
  readonly table: string;
  /** `[a-z0-9_.]{1,127}` */
  readonly column: string;
  /** The row's key as text, 1 to 255 bytes. */
  readonly rowId: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const IDENTIFIER = /^[a-z0-9_.]{1,127}$/;
const ROW_ID_MAX_BYTES = 255;

/** The part of the additional data that a clinic's fields share (docs/formats.md, field envelope). */
export const fieldAadPrefix = (tenantId: string, clinicId: string, keyVersion: number): Buffer => {
  if (!UUID.test(tenantId) || !UUID.test(clinicId)) {
    throw new RingfenceError('envelope_refused', 'Tenant and clinic ids are lower-case UUIDs');
  }
  return lengthPrefixed(['ringfence/field/v1', tenantId, clinicId, u32(keyVersion)]);
};

/** The whole additional data: `LP` of table, column and row id after the prefix, in one allocation (hot path). */
export const fieldAad = (prefix: Buffer, { table, column, rowId }: FieldPlace): Buffer => {
  const rowIdBytes = Buffer.byteLength(rowId, 'utf8');
  if (
    !IDENTIFIER.test(table) ||
    !IDENTIFIER.test(column) ||
    rowIdBytes < 1 ||
    rowIdBytes > ROW_ID_MAX_BYTES
  ) {
    throw new RingfenceError(
      'envelope_refused',
      'The place of the field has a malformed table, column or row id',
    );
  }
  const aad = Buffer.allocUnsafe(prefix.length + table.length + column.length + rowIdBytes + 6);
  let at = prefix.copy(aad);
  at = aad.writeUInt16BE(table.length, at);
  at += aad.write(table, at, 'latin1');
  at = aad.writeUInt16BE(column.length, at);
  at += aad.write(column, at, 'latin1');
  at = aad.writeUInt16BE(rowIdBytes, at);
  aad.write(rowId, at, 'utf8');
  return aad;
};
