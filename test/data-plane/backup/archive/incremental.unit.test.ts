import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openChunkIndex } from '../../../../data-plane/backup/archive/chunk-index.js';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import type { SourceOfBackup } from '../../../../data-plane/backup/archive/source.js';
import type { FinishedArchive } from '../../../../data-plane/backup/archive/writer.js';
import { zstdReady } from '../../../../data-plane/backup/archive/zstd.js';
import { TENANT_A, TENANT_B } from '../../keys/samples.js';
import { buildArchive, collect, HEADER, KEY, sourceOf, splitArchive } from './build.js';

beforeAll(zstdReady);

const CHUNK_BYTES = 1024 * 1024;
const expected = { tenantId: TENANT_A };
const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Bytes that do not compress and never repeat, the same for the same seed. */
const noise = (seed: string, bytes: number): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();

/** Backups of one tenant, each going on from the one before. */
const chain = () => {
  const stored = new Map<string, Buffer>();
  const source: SourceOfBackup = (backupId) => async (startByte) => {
    const archive = stored.get(backupId);
    if (!archive) throw new Error(`${backupId} is not there`);
    return sourceOf(archive)(startByte);
  };
  let newest: (FinishedArchive & { backupId: string }) | undefined;
  return {
    stored,
    source,
    async take(sections: Readonly<Record<string, Buffer>>, header = HEADER) {
      const backupId = idOf(stored.size + 1);
      const previous = newest && {
        previous: await openChunkIndex({
          source: source(newest.backupId),
          key: KEY,
          expected: { tenantId: header.tenantId, backupId: newest.backupId, keyVersion: header.keyVersion },
          manifestPlace: newest.manifestPlace,
        }),
      };
      const made = await buildArchive(sections, {
        header: { ...header, backupId },
        chunkBytes: CHUNK_BYTES,
        ...previous,
      });
      stored.set(backupId, made.archive);
      newest = { ...made, backupId };
      return { ...made, backupId };
    },
    open: (backupId: string) =>
      openArchive({
        source: source(backupId),
        key: KEY,
        expected: { ...expected, backupId },
        sourceOf: source,
      }),
  };
};

describe('An incremental archive', () => {
  it('holds what changed, and gives back everything', async () => {
    const backups = chain();
    const before = noise('rows', 4_000_000);
    const after = Buffer.concat([
      before.subarray(0, 1_000_000),
      noise('inserted', 300),
      before.subarray(1_000_000, 2_000_000),
      before.subarray(2_000_500, 3_000_000),
      noise('changed', 100),
      before.subarray(3_000_100),
    ]);
    const full = await backups.take({ 'a.rows': before });
    const second = await backups.take({ 'a.rows': after });
    const third = await backups.take({ 'a.rows': after, 'a.more': noise('more', 10_000) });

    expect(full.manifest.bases).toEqual([]);
    expect(second.manifest.bases).toEqual([full.backupId]);
    // Three places, each in a chunk or two of at most 64 KiB.
    expect(second.archive.length).toBeLessThan(6 * 65_536);
    expect([...(third.manifest.bases ?? [])].sort()).toEqual([full.backupId, second.backupId]);
    expect(third.archive.length).toBeLessThan(40_000);
    for (const { backupId } of [second, third]) {
      const opened = await backups.open(backupId);
      expect((await collect(opened.section('a.rows'))).equals(after)).toBe(true);
    }
    expect(await collect((await backups.open(third.backupId)).section('a.more'))).toEqual(
      noise('more', 10_000),
    );
  });

  it('gives back everything after any changes, from any backup of the chain', async () => {
    const edit = fc.record({
      at: fc.nat(400_000),
      remove: fc.nat(30_000),
      insert: fc.nat(30_000),
      seed: fc.string(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(edit, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async (days) => {
          const backups = chain();
          let rows = noise('rows', 400_000);
          const taken = [{ ...(await backups.take({ 'a.rows': rows })), rows }];
          for (const edits of days) {
            for (const { at, remove, insert, seed } of edits)
              rows = Buffer.concat([rows.subarray(0, at), noise(seed, insert), rows.subarray(at + remove)]);
            taken.push({ ...(await backups.take({ 'a.rows': rows })), rows });
          }
          for (const { backupId, rows: then } of taken) {
            const opened = await backups.open(backupId);
            expect((await collect(opened.section('a.rows'))).equals(then)).toBe(true);
          }
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  describe('is refused', () => {
    const two = async () => {
      const backups = chain();
      const rows = noise('rows', 500_000);
      const full = await backups.take({ 'a.rows': rows });
      const next = await backups.take({ 'a.rows': Buffer.concat([rows, noise('new', 50)]) });
      return { backups, full, next };
    };

    it('when what it builds on is not at hand', async () => {
      const { backups, next } = await two();
      const opening = openArchive({ source: backups.source(next.backupId), key: KEY, expected });
      await expect(opening).rejects.toMatchObject({ code: 'backup_refused' });
    });

    it('when what it builds on is another archive, also of the same tenant', async () => {
      const { backups, full, next } = await two();
      backups.stored.set(full.backupId, backups.stored.get(next.backupId) as Buffer);
      await expect(backups.open(next.backupId)).rejects.toMatchObject({ code: 'backup_refused' });
      const foreign = await buildArchive(
        { 'a.rows': noise('rows', 500_000) },
        { header: { ...HEADER, tenantId: TENANT_B, backupId: full.backupId }, chunkBytes: CHUNK_BYTES },
      );
      backups.stored.set(full.backupId, foreign.archive);
      await expect(backups.open(next.backupId)).rejects.toMatchObject({ code: 'backup_refused' });
    });

    it('when a byte that it needs was changed, wherever it is in what it builds on', async () => {
      const { backups, full, next } = await two();
      const { start, records } = splitArchive(full.archive);
      const dataEnd = start.length + (records[0] as Buffer).length + (records[1] as Buffer).length;
      for (let at = 0; at < dataEnd; at += at < start.length ? 7 : 9_973) {
        // The record of the section's name is not read.
        if (at >= start.length && at < start.length + (records[0] as Buffer).length) continue;
        const altered = Buffer.from(full.archive);
        altered.writeUInt8(altered.readUInt8(at) ^ 0x10, at);
        backups.stored.set(full.backupId, altered);
        await expect(backups.open(next.backupId), `byte ${at}`).rejects.toMatchObject({
          code: 'backup_refused',
        });
      }
    });

    it('to be taken on top of one of another key version', async () => {
      const { backups } = await two();
      const taking = backups.take({ 'a.rows': noise('rows', 500_000) }, { ...HEADER, keyVersion: 2 });
      await expect(taking).rejects.toMatchObject({ code: 'backup_refused' });
    });
  });
});
