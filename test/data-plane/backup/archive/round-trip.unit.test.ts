import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ArchiveManifest } from '../../../../data-plane/backup/archive/manifest.js';
import { openArchive, readArchiveHeader } from '../../../../data-plane/backup/archive/reader.js';
import type { ArchiveSource } from '../../../../data-plane/backup/archive/source.js';
import { zstdReady } from '../../../../data-plane/backup/archive/zstd.js';
import { TENANT_A } from '../../keys/samples.js';
import vectors from './archive.vectors.json' with { type: 'json' };
import { BACKUP_ID, buildArchive, collect, KEY, partsOf, sourceOf } from './build.js';

/** `bases` are the archives that it refers to, by backup id. Bytes are hex. */
interface Vector {
  readonly backupKey: string;
  readonly tenantId: string;
  readonly backupId: string;
  readonly manifest: ArchiveManifest;
  readonly data: Readonly<Record<string, string>>;
  readonly archive: string;
  readonly bases?: Readonly<Record<string, string>>;
}

beforeAll(zstdReady);
const expected = { tenantId: TENANT_A };

describe('An archive', () => {
  const chunk = 64;
  it.each([0, 1, chunk - 1, chunk, chunk + 1, 10 * chunk, 10 * chunk + 1])(
    'gives back %i bytes',
    async (bytes) => {
      const content = randomBytes(bytes);
      const { archive, manifest } = await buildArchive({
        before: Buffer.from('x'),
        'app.notes': content,
        after: Buffer.alloc(0),
      });
      const opened = await openArchive({ source: sourceOf(archive), key: KEY, expected });
      expect(opened.manifest).toEqual(manifest);
      expect(opened.manifest.sections[1]).toEqual({
        name: 'app.notes',
        columns: ['id'],
        rows: bytes,
        bytes,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect(await collect(opened.section('app.notes'))).toEqual(content);
      expect(await collect(opened.section('before'))).toEqual(Buffer.from('x'));
      expect(await collect(opened.section('after'))).toEqual(Buffer.alloc(0));
      expect(await collect(opened.section('app.notes'))).toEqual(content);
    },
  );

  it.each([1, 2, 3, 7, 64, 100_000])('may arrive in parts of %i bytes', async (partBytes) => {
    const content = randomBytes(1_000);
    const { archive } = await buildArchive({ notes: content });
    const opened = await openArchive({ source: sourceOf(archive, partBytes), key: KEY, expected });
    expect(await collect(opened.section('notes'))).toEqual(content);
  });

  it('may be empty', async () => {
    const { archive } = await buildArchive({});
    const opened = await openArchive({ source: sourceOf(archive), key: KEY, expected });
    expect(opened.manifest.sections).toEqual([]);
    expect(() => opened.section('notes')).toThrow(expect.objectContaining({ code: 'backup_refused' }));
  });

  it('says before it is opened which key it needs', async () => {
    const { archive } = await buildArchive({});
    expect(await readArchiveHeader(sourceOf(archive))).toMatchObject({
      ...expected,
      backupId: BACKUP_ID,
      keyVersion: 1,
    });
  });

  it('is compressed, and its plain text is nowhere in it', async () => {
    const text = Buffer.from('Alergia a la penicilina. '.repeat(4_000));
    const { archive } = await buildArchive({ notes: text }, { chunkBytes: 4_096 });
    expect(archive.length).toBeLessThan(text.length / 5);
    expect(archive.includes('penicilina')).toBe(false);
    expect(archive.includes('notes')).toBe(false);
  });

  it('uses a key of its own each time', async () => {
    const [one, other] = [await buildArchive({ notes: KEY }), await buildArchive({ notes: KEY })];
    expect(one.archive.subarray(-100)).not.toEqual(other.archive.subarray(-100));
  });
});

describe('The vectors of the archive', () => {
  const sourceOfHex =
    (hex = ''): ArchiveSource =>
    async (startByte) =>
      partsOf(Buffer.from(hex, 'hex').subarray(startByte), 7);

  it.each(vectors.vectors as readonly Vector[])('open: $manifest.schemaVersion', async (vector) => {
    const { tenantId, backupId } = vector;
    const opened = await openArchive({
      source: sourceOfHex(vector.archive),
      sourceOf: (id) => sourceOfHex(vector.bases?.[id]),
      key: Buffer.from(vector.backupKey, 'hex'),
      expected: { tenantId, backupId },
    });
    expect(opened.manifest).toEqual(vector.manifest);
    for (const [name, hex] of Object.entries(vector.data)) {
      expect((await collect(opened.section(name))).toString('hex')).toBe(hex);
    }
  });
});
