import { randomBytes, randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import type { ArchiveSource } from '../../../../data-plane/backup/archive/source.js';
import { zstdReady } from '../../../../data-plane/backup/archive/zstd.js';
import { flipBit, TENANT_A, TENANT_B } from '../../keys/samples.js';
import { BACKUP_ID, buildArchive, collect, HEADER, KEY, sourceOf, splitArchive } from './build.js';

const expected = { tenantId: TENANT_A, backupId: BACKUP_ID };
const refusal = { code: 'backup_refused' };
let archive: Buffer;
let sibling: Buffer;

const assertRefused = async (bytes: Buffer, partBytes?: number): Promise<void> => {
  const opening = openArchive({ source: sourceOf(bytes, partBytes), key: KEY, expected });
  await expect(opening).rejects.toMatchObject(refusal);
};

beforeAll(async () => {
  await zstdReady();
  const sections = { clinics: randomBytes(200), 'app.notes': Buffer.alloc(300, 'a'), empty: Buffer.alloc(0) };
  ({ archive } = await buildArchive(sections));
  ({ archive: sibling } = await buildArchive(sections));
});

describe('An archive is refused', () => {
  it('with any byte changed, wherever it is', async () => {
    for (let at = 0; at < archive.length; at++) await assertRefused(flipBit(archive, at * 8 + randomInt(8)));
  });

  it('with several bits changed at once', async () => {
    for (let round = 0; round < 1_000; round++) {
      let bytes = archive;
      for (let flips = randomInt(1, 6); flips > 0; flips--)
        bytes = flipBit(bytes, randomInt(archive.length * 8));
      if (!bytes.equals(archive)) await assertRefused(bytes);
    }
  });

  it('cut at any length', async () => {
    for (let length = 0; length < archive.length; length++) await assertRefused(archive.subarray(0, length));
  });

  it('with anything after its end', async () => {
    const { records } = splitArchive(archive);
    const tails = [
      Buffer.alloc(1),
      randomBytes(21),
      archive,
      ...records,
      splitArchive(sibling).records.at(-1),
    ];
    for (const tail of tails) await assertRefused(Buffer.concat([archive, tail ?? Buffer.alloc(4)]));
  });

  it('with bytes put in or taken out anywhere', async () => {
    for (let round = 0; round < 1_000; round++) {
      const at = randomInt(archive.length);
      const out = randomInt(0, 40);
      const bytes = Buffer.concat([
        archive.subarray(0, at),
        randomBytes(randomInt(0, 40)),
        archive.subarray(at + out),
      ]);
      if (!bytes.equals(archive)) await assertRefused(bytes, 17);
    }
  });

  it('with records exchanged, repeated, left out or moved', async () => {
    const { start, records } = splitArchive(archive);
    for (let one = 0; one < records.length; one++) {
      const without = records.filter((_record, index) => index !== one);
      await assertRefused(Buffer.concat([start, ...without]));
      const record = records[one] ?? Buffer.alloc(0);
      for (let other = 0; other < records.length; other++) {
        await assertRefused(
          Buffer.concat([start, ...records.slice(0, other), record, ...records.slice(other)]),
        );
        if (other === one) continue;
        const exchanged = [...records];
        exchanged[one] = records[other] ?? record;
        await assertRefused(Buffer.concat([start, ...exchanged]));
        exchanged[other] = record;
        await assertRefused(Buffer.concat([start, ...exchanged]));
      }
    }
  });

  it('with records or the start of another archive of the same tenant', async () => {
    const [mine, theirs] = [splitArchive(archive), splitArchive(sibling)];
    for (let one = 0; one < mine.records.length; one++) {
      const mixed = [...mine.records];
      mixed[one] = theirs.records[one] ?? Buffer.alloc(0);
      await assertRefused(Buffer.concat([mine.start, ...mixed]));
      const spliced = [...mine.records.slice(0, one), ...theirs.records.slice(one)];
      await assertRefused(Buffer.concat([mine.start, ...spliced]));
    }
    await assertRefused(Buffer.concat([theirs.start, ...mine.records]));
  });

  it('when it is another tenant’s, another backup, or made with another key', async () => {
    const foreign = await buildArchive({}, { header: { ...HEADER, tenantId: TENANT_B } });
    await assertRefused(foreign.archive);
    const other = await buildArchive({}, { header: { ...HEADER, backupId: TENANT_B } });
    await assertRefused(other.archive);
    const otherKey = await buildArchive({}, { key: Buffer.alloc(32, 6) });
    await assertRefused(otherKey.archive);
    const relabelled = Buffer.from(foreign.archive.toString('latin1').replace(TENANT_B, TENANT_A), 'latin1');
    await assertRefused(relabelled);
  });

  it('when it is no archive at all', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('PGDMP'),
      randomBytes(5_000),
      Buffer.alloc(5_000, 0xff),
    ]) {
      await assertRefused(bytes);
    }
  });
});

describe('An archive that is changed after it was opened', () => {
  const openThen = async (second: Buffer): Promise<Promise<Buffer>[]> => {
    let passes = 0;
    const source: ArchiveSource = (startByte) => sourceOf(passes++ === 0 ? archive : second)(startByte);
    const opened = await openArchive({ source, key: KEY, expected });
    return opened.manifest.sections.map(({ name }) => collect(opened.section(name)));
  };

  it('is refused in the second pass too', async () => {
    const { start, records } = splitArchive(archive);
    for (const second of [sibling, Buffer.concat([start, ...records.slice(0, 3)]), archive.subarray(0, -1)]) {
      const sections = await Promise.allSettled(await openThen(second));
      expect(sections.some(({ status }) => status === 'rejected')).toBe(true);
      for (const each of sections) if (each.status === 'rejected') expect(each.reason).toMatchObject(refusal);
    }
  });

  it('never gives a section that is cut short as whole', async () => {
    for (let length = 0; length < archive.length; length += 7) {
      const [clinics] = await Promise.allSettled(await openThen(archive.subarray(0, length)));
      if (clinics?.status === 'fulfilled') expect(clinics.value.length).toBe(200);
    }
  });
});
