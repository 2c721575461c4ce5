import { randomBytes, randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { from, to } from 'pg-copy-streams';
import { exportSnapshot, withSnapshot } from '../../data-plane/backup/tenant/snapshot.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { loadDemo } from '../../data-plane/demo/load.js';
import { enrol } from '../../data-plane/enrolment/enrol.js';
import { TenantKey } from '../../data-plane/keys/tenant-key.js';
import { copyRows, type RowsCopied } from '../../data-plane/moves/copy-rows.js';
import { takeOverCell } from '../../data-plane/moves/move-run.js';
import { type StreamedTable, streamedTables } from '../../data-plane/moves/publication.js';
import { atLeast, type Comparison, compare } from '../measure.js';
import { openScratchCell, type ScratchCell } from '../scratch-cell.js';

/** The unpaced copy of a demo tenant against a COPY piped into a COPY, from one server into another one's empty tables. */
export const benchCopy = async (patients: number): Promise<Comparison[]> => {
  const [source, destination] = [await openScratchCell(), await openScratchCell()];
  try {
    return await compareCopies(source, destination, patients);
  } finally {
    source.close();
    destination.close();
  }
};

const compareCopies = async (
  source: ScratchCell,
  destination: ScratchCell,
  patients: number,
): Promise<Comparison[]> => {
  const run = { tenantId: randomUUID(), moveId: randomUUID(), attempt: 1 };
  const clinic = { id: randomUUID(), name: 'Bench', vertical: 'dental', timeZone: 'UTC' };
  const tenant = { tenantId: run.tenantId, slug: 'bench', clinics: [{ ...clinic, slug: 'only' }] };
  for (const [cell, isHome] of [
    [source, true],
    [destination, false],
  ] as const)
    await withConnection(cell.admin, (client) => enrol(client, tenant, { isHome }));
  await withConnection(destination.admin, (client) => takeOverCell(client, run));
  const key = new TenantKey(run.tenantId, 1, randomBytes(32));
  const { rows } = await loadDemo(source.admin, {
    ...{ clinics: [clinic], key, patients, seed: 1, today: new Date() },
  });
  const tables = await withConnection(source.admin, async (client) => {
    await client.query('VACUUM ANALYZE');
    return streamedTables(client, { tenantId: run.tenantId, clinicIds: [clinic.id] });
  });

  const ours = async (): Promise<RowsCopied> => {
    await emptyTables(destination, tables);
    return withSnapshot(source.admin, async (client) =>
      copyRows(source.admin, destination.admin, tables, { run, snapshot: await exportSnapshot(client) }),
    );
  };
  const bare = async (): Promise<number> => {
    await emptyTables(destination, tables);
    return pipeCopies(source, destination, tables);
  };
  const name = `of ${rows} rows into empty tables / COPY piped into COPY`;
  return [
    await compare(
      `copy of a move ${name}`,
      { baseline: bare, measured: async () => (await ours()).copyMs },
      atLeast(0.8),
    ),
    await compare(
      `copy of a move with the comparison of every row, ${name}`,
      {
        baseline: bare,
        measured: async () => {
          const { copyMs, compareMs } = await ours();
          return copyMs + compareMs;
        },
      },
      { ...atLeast(0), text: 'no goal' },
    ),
  ];
};

/** @returns how long it took, in milliseconds. */
const pipeCopies = (
  source: ScratchCell,
  destination: ScratchCell,
  tables: readonly StreamedTable[],
): Promise<number> =>
  withConnection(source.admin, (one) =>
    withConnection(destination.admin, async (other) => {
      // As a copy into empty tables does without the triggers of applications, and keys that another server has checked.
      await other.query('SET session_replication_role = replica');
      const startedMs = performance.now();
      for (const { quoted, columns, filter } of tables) {
        const list = columns.join(', ');
        await pipeline(
          one.query(to(`COPY (SELECT ${list} FROM ${quoted} WHERE ${filter}) TO STDOUT (FORMAT BINARY)`)),
          other.query(from(`COPY ${quoted} (${list}) FROM STDIN (FORMAT BINARY)`)),
        );
      }
      return performance.now() - startedMs;
    }),
  );

const emptyTables = ({ admin }: ScratchCell, tables: readonly StreamedTable[]): Promise<void> =>
  withConnection(admin, async (client) => {
    await client.query(`TRUNCATE ${tables.map(({ quoted }) => quoted).join(', ')}`);
    // Kept by row triggers, which TRUNCATE does not fire.
    await client.query('TRUNCATE ringfence_private.assignments, ringfence_private.subscription_windows');
  });
