import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { copyIn, copyOut } from '../backup/tenant/copy.js';
import { withSnapshot } from '../backup/tenant/snapshot.js';
import { type Connection, inTransaction, withConnection } from '../database/connect.js';
import { differingTables } from './compare-rows.js';
import { type MoveRun, requireMove } from './move-run.js';
import { type Pace, pacer } from './pace.js';
import type { StreamedTable } from './publication.js';
import { endStreamsFrom } from './streams-from.js';

export interface CopyOptions {
  readonly run: MoveRun;
  /** Of the slot: the stream begins where the copy ends. */
  readonly snapshot: string;
  readonly bytesPerSecond?: number | undefined;
  readonly onTable?: (table: CopiedTable) => void;
}

interface CopiedTable {
  /** As SQL. */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** The copy of a tenant's rows, compared. */
export interface RowsCopied {
  readonly tables: readonly CopiedTable[];
  /** The last event of the audit chain in it. */
  readonly seen: number;
  readonly copyMs: number;
  readonly compareMs: number;
}

/**
 * Copies a tenant's rows as of a snapshot, a table a transaction, each from clean: what a run before left of it is deleted first.
 * Then compares each table at both ends, by digests that no order changes. Nobody writes at the destination meanwhile, and the
 * stream does not run yet.
 * @throws RingfenceError `move_failed` naming tables that differ; `move_superseded`; `disk_full`.
 */
export const copyRows = (
  source: Connection,
  destination: Connection,
  tables: readonly StreamedTable[],
  { run, snapshot, bytesPerSecond, onTable }: CopyOptions,
): Promise<RowsCopied> =>
  withSnapshot(
    source,
    (from) =>
      withConnection(destination, async (to) => {
        // As a replica: rows come as they are, and triggers that write the audit log, or check keys, do not fire.
        await to.query('SET session_replication_role = replica; SET row_security = off');
        const pace = pacer(bytesPerSecond);
        const startedMs = performance.now();
        await inTransaction(to, () => requireMove(to, run));
        await endStreamsFrom(to, run.tenantId);
        await inTransaction(to, async () => {
          await requireMove(to, run);
          for (const table of [...tables].reverse())
            await to.query(`DELETE FROM ${table.quoted} WHERE ${table.filter}`);
        });
        const copied: CopiedTable[] = [];
        for (const table of tables) {
          const done = await inTransaction(to, async () => {
            await requireMove(to, run);
            return copyTable(from, to, table, pace);
          });
          copied.push(done);
          onTable?.(done);
        }
        const copiedMs = performance.now();
        const differing = await differingTables(from, to, tables, bytesPerSecond);
        if (differing.length > 0) throw notTheSame(differing);
        const seen = await lastEvent(from, tables);
        const comparedMs = performance.now();
        return { tables: copied, seen, copyMs: copiedMs - startedMs, compareMs: comparedMs - copiedMs };
      }),
    snapshot,
  );

const copyTable = async (
  from: pg.ClientBase,
  to: pg.ClientBase,
  { quoted, columns, filter }: StreamedTable,
  pace: Pace,
): Promise<CopiedTable> => {
  const list = columns.join(', ');
  await to.query(`DELETE FROM ${quoted} WHERE ${filter}`);
  const out = copyOut(from, `SELECT ${list} FROM ${quoted} WHERE ${filter}`);
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of out.bytes) {
      bytes += part.length;
      yield part;
      await pace(part.length);
    }
  };
  const rows = await copyIn(to, `${quoted} (${list})`, counted());
  return { table: quoted, rows, bytes };
};

const notTheSame = (tables: readonly string[]): RingfenceError =>
  new RingfenceError('move_failed', `the rows of ${tables.join(', ')} are not the same at both ends`, {
    fix: 'the tenant works on where it was: give the move up with `ringfence operations abort`, and look what writes into its rows at the other cell',
  });

const lastEvent = async (client: pg.ClientBase, tables: readonly StreamedTable[]): Promise<number> => {
  const ledger = tables.find(({ quoted }) => quoted === 'ringfence_private.ledgers');
  if (ledger === undefined) return 0;
  const { rows } = await client.query<{ seq: number }>(
    `SELECT audit_seq::float8 AS seq FROM ringfence_private.ledgers WHERE ${ledger.filter}`,
  );
  return rows[0]?.seq ?? 0;
};
