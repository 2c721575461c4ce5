import { RingfenceError } from '../../../core/errors.js';
import { type BlindIndex, type BlindIndexKind, isSameText } from '../../keys/blind-index.js';
import { decryptField, encryptField, envelopeKeyVersion } from '../../keys/field-envelope.js';
import { AccessRefusal } from '../refusals/refusal.js';
import type { ClinicKeys } from './clinic-keys.js';
import type { IdTypes } from './id-types.js';
import type { ReadPermission } from './read-permission.js';
import { rowIdOf } from './row-id.js';
import { columnOf, type SealedColumns } from './sealed-columns.js';

/** Encrypts and decrypts single fields. `rowId` is the row's `id::text`, which an envelope is bound to. */
export interface SealedFields {
  /**
   * The field envelope (docs/formats.md) of a text for one row. Asks the database once a run and table for the type of
   * the id. @throws RingfenceError `usage` for an id that is not as Postgres writes it.
   */
  seal(table: string, column: string, rowId: string, text: string): Promise<Buffer>;
  /** @throws AccessRefusal `envelope_refused` for an envelope of another tenant, clinic, table, column or row. */
  open(table: string, column: string, rowId: string, envelope: Buffer): Promise<string>;
  /** The value for the blind index beside the envelope. @throws RingfenceError `usage` without an index. */
  index(table: string, column: string, text: string): Promise<Buffer>;
  /**
   * What to search the blind index for, to find a text exactly: `WHERE phone_index = ANY ($1)`. Empty for a text that
   * nothing finds. Rows that were indexed under version 1 of the rule are found after a rotation of the keys, or by
   * `rows.find`.
   */
  search(table: string, column: string, text: string): Promise<Buffer[]>;
  /** Says whether the user may ever read this column. */
  mayRead(table: string, column: string): Promise<boolean>;
  /** Of these rows, those whose column the user may read now. */
  readable(table: string, column: string, rowIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What whole rows are written and found with, besides. */
export interface RowFields extends SealedFields {
  /** As `seal`; whoever stores the row makes sure of its id. */
  sealUnder(table: string, column: string, rowId: string, text: string): Promise<Buffer>;
  /** The index of this text under version 1 of the rule. Rows with this index may have another text. */
  searchEarlier(table: string, column: string, text: string): Promise<Buffer[]>;
  /** Says whether a search for one text shall find the other. */
  isSameText(table: string, column: string, text: string, other: string): boolean;
}

/** @param assertOpen throws when the run has ended. @param onRefused is called for every envelope that did not open. */
export const sealedFields = (
  declared: SealedColumns,
  keys: ClinicKeys,
  ids: IdTypes,
  assertOpen: () => void,
  onRefused: (refusal: AccessRefusal) => void,
  permission: ReadPermission,
): RowFields => {
  const searchable = (table: string, column: string) => {
    const { index } = columnOf(declared, table, column);
    if (!index) throw new RingfenceError('usage', `${table}.${column} cannot be searched: it has no index`);
    assertOpen();
    return index;
  };
  const valuesOf = async (
    table: string,
    column: string,
    ask: (index: BlindIndex, kind: BlindIndexKind) => Buffer[],
  ): Promise<Buffer[]> => {
    const { kind } = searchable(table, column);
    const indexes = await keys.searchIndexes();
    assertOpen();
    return indexes.flatMap((index) => ask(index, kind));
  };
  const readable = (table: string, column: string, rowIds: readonly string[]) =>
    permission.readable(columnOf(declared, table, column), rowIds);
  const sealUnder = async (table: string, column: string, rowId: string, text: string): Promise<Buffer> => {
    const { sealed } = columnOf(declared, table, column);
    assertOpen();
    const key = await keys.field();
    assertOpen();
    return encryptField(key, { table, column: sealed, rowId }, text);
  };
  return {
    mayRead: (table, column) => permission.ever(columnOf(declared, table, column)),
    readable,
    seal: async (table, column, rowId, text) => {
      columnOf(declared, table, column);
      assertOpen();
      await ids.assertStored(table, rowIdOf(table, rowId));
      return sealUnder(table, column, rowId, text);
    },
    sealUnder,
    open: async (table, column, rowId, envelope) => {
      const { sealed } = columnOf(declared, table, column);
      assertOpen();
      if (!(await readable(table, column, [rowId])).has(rowId)) {
        const refusal = new AccessRefusal(
          'not_permitted',
          'not_permitted',
          `your role may not read ${table}.${column} of this row now`,
        );
        onRefused(refusal);
        throw refusal;
      }
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
      const { kind } = searchable(table, column);
      const blind = await keys.index();
      assertOpen();
      return blind[kind](text);
    },
    search: (table, column, text) => valuesOf(table, column, (index, kind) => index.search(kind, text)),
    searchEarlier: (table, column, text) =>
      valuesOf(table, column, (index, kind) => index.searchEarlier(kind, text)),
    isSameText: (table, column, text, other) => isSameText(searchable(table, column).kind, text, other),
  };
};
