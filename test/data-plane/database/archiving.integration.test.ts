import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { archiveUntilNow } from '../../../data-plane/backup/cell/archived-wal.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { archiveDir, archivedSegments, isArchiving } from '../../../data-plane/database/server/archiving.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord } from '../../../data-plane/database/server/record.js';

const SEGMENT_BYTES = 4 * 1024 * 1024;

const dir = mkdtempSync(join(tmpdir(), 'ringfence-archiving-'));
afterAll(() => purgeLocalServer(dir));

const dataDir = () => readRecord(dir)?.dataDir ?? '';
const place = (segment: string) => join(archiveDir(dataDir()), `${segment}.gz`);

test('a server that was made without archiving archives from its next start on, whole segments', async () => {
  const before = await ensureLocalServer(dir);
  expect(await isArchiving(before)).toBe(false);
  await expect(
    withConnection({ ...before, database: 'postgres' }, (client) => archiveUntilNow(client, dataDir())),
  ).rejects.toMatchObject({ code: 'config_invalid', fix: expect.stringContaining('cells up') });
  stopLocalServer(dir);
  const after = await ensureLocalServer(dir, { archiving: true });
  expect(await isArchiving(after)).toBe(true);
  await withConnection({ ...after, database: 'postgres' }, (client) => archiveUntilNow(client, dataDir()));
  const segments = archivedSegments(dataDir());
  expect(segments.length).toBeGreaterThan(0);
  for (const segment of segments)
    expect(gunzipSync(readFileSync(place(segment))).length, segment).toBe(SEGMENT_BYTES);
});

test('a segment that is there is never replaced by another one, and counts where it is the same', async () => {
  const server = await ensureLocalServer(dir, { archiving: true });
  await withConnection({ ...server, database: 'postgres' }, async (client) => {
    const { rows } = await client.query<{ segment: string }>(
      'SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment',
    );
    const next = place(rows[0]?.segment ?? '');
    const foreign = gzipSync('the WAL of somebody else');
    writeFileSync(next, foreign);
    const { uid, gid } = statSync(dataDir());
    chownSync(next, uid, gid);
    const planted = statSync(next).mtimeMs;
    await client.query('SELECT pg_current_xact_id()');
    await client.query('SELECT pg_switch_wal()');
    const failures = async () =>
      (await client.query<{ count: number }>('SELECT failed_count::int AS count FROM pg_stat_archiver'))
        .rows[0]?.count;
    await expect.poll(failures).toBeGreaterThan(0);
    expect([statSync(next).mtimeMs, readFileSync(next)]).toEqual([planted, foreign]);
    // As after a crash between the archiving of a segment and the note that it was archived.
    const content = readFileSync(join(dataDir(), 'pg_wal', rows[0]?.segment ?? ''));
    rmSync(next);
    writeFileSync(next, gzipSync(content));
    chownSync(next, uid, gid);
    await archiveUntilNow(client, dataDir());
    expect(gunzipSync(readFileSync(next)).equals(content)).toBe(true);
  });
});
