import { RingfenceError } from '../../../tenants/errors.js';
import { decryptField, encryptField, envelopeKeyVersion } from '../../keys/field-envelope.js';
import { AccessRefusal } from '../refusal.js';
import type { ClinicKeys } from './clinic-keys.js';
import { columnOf, type SealedColumns } from './sealed-columns.js';

/** Encrypts and decrypts single fields. `rowId` is the row's `id`, which an envelope is bound to. */
export interface SealedFields {
  /** The field envelope (docs/formats.md) of a text for one row. */
  seal(table: string, column: string, rowId: string, text: string): Promise<Buffer>;
  /** @throws AccessRefusal `envelope_refused` for an envelope of another tenant, clinic, table, column or row. */
  open(table: string, column: string, rowId: string, envelope: Buffer): Promise<string>;
  /** What to compare the blind index with, to find a text exactly. @throws RingfenceError `usage` without an index. */
  index(table: string, column: string, text: string): Promise<Buffer>;
}

/**
 * @param assertOpen throws when the run has ended.
 * @param onRefused is told of every envelope that did not open.
 */
export const sealedFields = (
  declared: SealedColumns,
  keys: ClinicKeys,
  assertOpen: () => void,
  onRefused: (refusal: AccessRefusal) => void,
): SealedFields => ({
  seal: async (table, column, rowId, text) => {
    const { sealed } = columnOf(declared, table, column);
    assertOpen();
    const key = await keys.field();
    assertOpen();
    return encryptField(key, { table, column: sealed, rowId }, text);
  },
  open: async (table, column, rowId, envelope) => {
    const { sealed } = columnOf(declared, table, column);
    assertOpen();
    try {
      const key = await keys.field(envelopeKeyVersion(envelope));
      assertOpen();
      return decryptField(key, { table, column: sealed, rowId }, envelope);
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error;
      // A version that this tenant never had is another tenant's, or damage: told in the same words.
      if (error.code !== 'envelope_refused' && error.code !== 'key_not_found') throw error;
      const refusal = new AccessRefusal(
        'envelope_refused',
        'envelope_refused',
        `${table}.${column} does not open here`,
        { fix: 'it was written for another place, or altered: restore it', cause: error },
      );
      onRefused(refusal);
      throw refusal;
    }
  },
  index: async (table, column, text) => {
    const { index } = columnOf(declared, table, column);
    if (!index) throw new RingfenceError('usage', `${table}.${column} cannot be searched: it has no index`);
    assertOpen();
    const blind = await keys.index();
    assertOpen();
    return blind[index.kind](text);
  },
});
