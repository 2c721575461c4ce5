import { createHash } from 'node:crypto';
import { PassThrough, type Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import type { ArchiveSource } from '../../../../data-plane/backup/archive/source.js';
import { createArchiveWriter } from '../../../../data-plane/backup/archive/writer.js';
import { zstdFrame, zstdReady } from '../../../../data-plane/backup/archive/zstd.js';
import { TENANT_A } from '../../keys/samples.js';
import {
  buildArchive,
  type CraftedRecord,
  collect,
  craftArchive,
  data,
  HEADER,
  KEY,
  manifest,
  memorySink,
  partsOf,
  section,
  sourceOf,
} from './build.js';

await zstdReady();
const refusal = { code: 'backup_refused' };
const NAMES = [
  '',
  'a b',
  'A',
  'a\nb',
  'a.b.c',
  '.a',
  'a.',
  '../a',
  '/etc/passwd',
  'a"; drop table b',
  'ñ',
  'a\0',
  'a'.repeat(64),
];
const open = (records: readonly CraftedRecord[]) =>
  openArchive({ source: sourceOf(craftArchive(records)), key: KEY, expected: { tenantId: TENANT_A } });
const entry = (name: string, content: string, changes = {}) => ({
  name,
  columns: ['id'],
  rows: 1,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  ...changes,
});
const listing = (...sections: object[]): CraftedRecord => manifest({ schemaVersion: '1', sections });

describe('An archive made by someone who has the key', () => {
  it('opens when it keeps to the format', async () => {
    const opened = await open([section('notes'), data('x'), listing(entry('notes', 'x'))]);
    expect(String(await collect(opened.section('notes')))).toBe('x');
  });

  it.each(NAMES)('is refused with a section named %j', async (name) => {
    await expect(open([section(name), data('x'), listing(entry(name, 'x'))])).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('a name that no table has'),
    });
  });

  it('is refused when it gives other data in the second pass, however well sealed', async () => {
    const [first, second] = ['x', 'y'].map((text) =>
      craftArchive([section('a'), data(text), listing(entry('a', 'x'))]),
    );
    let passes = 0;
    const source: ArchiveSource = (startByte) =>
      sourceOf((passes++ === 0 ? first : second) ?? Buffer.alloc(0))(startByte);
    const opened = await openArchive({ source, key: KEY, expected: { tenantId: TENANT_A } });
    await expect(collect(opened.section('a'))).rejects.toMatchObject(refusal);
  });

  it('is refused when a section is there twice', async () => {
    const records = [
      section('a'),
      data('x'),
      section('a'),
      data('x'),
      listing(entry('a', 'x'), entry('a', 'x')),
    ];
    await expect(open(records)).rejects.toMatchObject(refusal);
  });

  it.each([
    ['another size', [entry('a', 'x', { bytes: 2 })]],
    ['another digest', [entry('a', 'y')]],
    ['another name', [entry('b', 'x')]],
    ['no section', []],
    ['a section that is not there', [entry('a', 'x'), entry('b', '')]],
    ['a column without a name', [entry('a', 'x', { columns: [''] })]],
    ['a column that ends early', [entry('a', 'x', { columns: ['id\0'] })]],
    ['a column of 64 bytes', [entry('a', 'x', { columns: ['ñ'.repeat(32)] })]],
    ['rows below zero', [entry('a', 'x', { rows: -1 })]],
    ['more than it should', [entry('a', 'x', { extra: 1 })]],
  ])('is refused when its manifest says %s', async (_what, sections) => {
    await expect(open([section('a'), data('x'), listing(...sections)])).rejects.toMatchObject(refusal);
  });

  it('is refused when its manifest has another order', async () => {
    const sections = [entry('b', 'y'), entry('a', 'x')];
    const records = [section('a'), data('x'), section('b'), data('y'), listing(...sections)];
    await expect(open(records)).rejects.toMatchObject(refusal);
  });

  it.each<[string, CraftedRecord[]]>([
    ['data before any section', [data('x'), listing()]],
    ['no manifest', [section('a'), data('x')]],
    ['a manifest in the middle', [listing(), section('a'), listing()]],
    ['an unknown kind of record', [{ kind: 9, content: Buffer.from('x') }, listing()]],
    ['a manifest that is not JSON', [{ kind: 3, content: Buffer.from('{') }]],
    ['an empty manifest', [{ kind: 3, content: Buffer.alloc(0) }]],
  ])('is refused with %s', async (_what, records) => {
    await expect(open(records)).rejects.toMatchObject(refusal);
  });

  it.each([65, 50_000_000])('is refused before a chunk is unpacked to %i bytes', async (bytes) => {
    const bomb = { kind: 2, content: zstdFrame(Buffer.alloc(bytes), 1) };
    await expect(open([section('a'), bomb, listing(entry('a', 'x'))])).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('unpack to more than it may'),
    });
  });

  it.each<[string, () => Uint8Array]>([
    ['claims 2^60 bytes', () => Buffer.from('28b52ffde00000000000000010010000', 'hex')],
    ['claims fewer bytes than it has', () => Buffer.from(zstdFrame(Buffer.alloc(60), 1)).fill(5, 5, 6)],
    ['does not say its size', () => Buffer.from('28b52ffd0058010000', 'hex')],
    ['is empty', () => zstdFrame(Buffer.alloc(0), 1)],
    ['is no frame', () => Buffer.from('no frame at all')],
    ['is nothing', () => Buffer.alloc(0)],
    ['ends in its header', () => Buffer.from('28b52ffde001', 'hex')],
  ])('is refused when a chunk %s', async (_what, frame) => {
    const chunk = { kind: 2, content: frame() };
    await expect(open([section('a'), chunk, listing(entry('a', 'x'))])).rejects.toMatchObject(refusal);
  });
});

describe('A writer', () => {
  const start = (sink: Writable = memorySink().sink) =>
    createArchiveWriter({ sink, key: KEY, header: HEADER, schemaVersion: '1' });

  it.each(NAMES)('refuses a section named %j', async (name) => {
    const writer = await start();
    await expect(writer.section(name, ['id'], partsOf(KEY, 9), () => 1)).rejects.toMatchObject(refusal);
  });

  it('refuses columns that no table has, a name for the second time, and a malformed header', async () => {
    const columns = (await start()).section('a', ['id', 'a\0b'], partsOf(KEY, 9), () => 1);
    await expect(columns).rejects.toMatchObject(refusal);
    const writer = await start();
    await writer.section('a', ['id'], partsOf(KEY, 9), () => 1);
    await expect(writer.section('a', ['id'], partsOf(KEY, 9), () => 1)).rejects.toMatchObject(refusal);
    await expect(buildArchive({}, { header: { ...HEADER, tenantId: 'x' } })).rejects.toMatchObject(refusal);
  });

  it('writes nothing more after a failure, so that no half archive is finished', async () => {
    const { sink, written } = memorySink();
    const writer = await start(sink);
    const failure = new Error('the source failed');
    const failing = (async function* () {
      yield KEY;
      throw failure;
    })();
    await expect(writer.section('a', ['id'], failing, () => 1)).rejects.toBe(failure);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'internal' });
    const source = sourceOf(written());
    await expect(openArchive({ source, key: KEY, expected: { tenantId: TENANT_A } })).rejects.toMatchObject(
      refusal,
    );
  });

  it('does not wait for ever for a sink that was closed', async () => {
    const pipe = new PassThrough({ highWaterMark: 1 });
    setTimeout(() => pipe.destroy(), 10);
    await expect(
      start(pipe).then((writer) => writer.section('a', [], partsOf(KEY, 9), () => 1)),
    ).rejects.toThrow(/closed/);
  });

  it('writes one section at a time', async () => {
    const writer = await start();
    const first = writer.section('a', ['id'], partsOf(KEY, 9), () => 1);
    await expect(writer.section('b', ['id'], partsOf(KEY, 9), () => 1)).rejects.toMatchObject({
      code: 'internal',
    });
    await first;
    await writer.finish();
    await expect(writer.finish()).rejects.toMatchObject({ code: 'internal' });
  });
});
