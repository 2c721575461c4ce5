import { Writable } from 'node:stream';
import { deriveArchiveKeys, encodeHeader } from '../../../../data-plane/backup/archive/header.js';
import { RECORD, sealRecord } from '../../../../data-plane/backup/archive/records.js';
import type { ArchiveSource } from '../../../../data-plane/backup/archive/source.js';
import {
  type ArchiveOptions,
  createArchiveWriter,
  type FinishedArchive,
} from '../../../../data-plane/backup/archive/writer.js';
import { zstdFrame } from '../../../../data-plane/backup/archive/zstd.js';
import { TENANT_A } from '../../keys/samples.js';

export const KEY = Buffer.alloc(32, 5);
export const BACKUP_ID = 'c0ffee00-1234-4abc-8def-0123456789ab';
export const HEADER = { tenantId: TENANT_A, backupId: BACKUP_ID, keyVersion: 1 };
const CHUNK_BYTES = 64;

/** A stream that keeps what is written, and the bytes so far. */
export const memorySink = (): { readonly sink: Writable; readonly written: () => Buffer } => {
  const parts: Buffer[] = [];
  const sink = new Writable({
    write(part, _encoding, done) {
      parts.push(part);
      done();
    },
  });
  return { sink, written: () => Buffer.concat(parts) };
};

/** An archive with these sections, chunks of 64 bytes unless told otherwise. */
export const buildArchive = async (
  sections: Readonly<Record<string, Buffer>>,
  options: Partial<ArchiveOptions> = {},
): Promise<FinishedArchive & { readonly archive: Buffer }> => {
  const { sink, written } = memorySink();
  const defaults = { key: KEY, header: HEADER, schemaVersion: '1', chunkBytes: CHUNK_BYTES };
  const writer = await createArchiveWriter({ ...defaults, ...options, sink });
  for (const [name, data] of Object.entries(sections)) {
    await writer.section(name, ['id'], partsOf(data, 50), () => data.length);
  }
  return { ...(await writer.finish()), archive: written() };
};

/** A record before it is sealed. */
export interface CraftedRecord {
  readonly kind: number;
  readonly content: Uint8Array;
}

export const section = (name: string): CraftedRecord => ({
  kind: RECORD.section,
  content: Buffer.from(name, 'latin1'),
});
export const data = (content: string): CraftedRecord => ({
  kind: RECORD.data,
  content: zstdFrame(Buffer.from(content), 1),
});
export const manifest = (value: unknown): CraftedRecord => ({
  kind: RECORD.manifest,
  content: Buffer.from(JSON.stringify(value)),
});

/** An archive with valid seals around whatever it is told to hold: what someone with the key could make. */
export const craftArchive = (records: readonly CraftedRecord[]): Buffer => {
  const salt = Buffer.alloc(32, 1).toString('base64');
  const createdAt = '2026-11-21T10:00:00.000Z';
  const encoded = encodeHeader({ ...HEADER, createdAt, chunkBytes: CHUNK_BYTES, salt });
  const keys = deriveArchiveKeys(KEY, { salt }, encoded);
  const sealed = records.map((record, index) =>
    sealRecord(keys, { ...record, index, last: index === records.length - 1 }),
  );
  return Buffer.concat([encoded, keys.commitment, ...sealed]);
};

/** The records of an archive, each with its length field, and what stands before them. */
export const splitArchive = (
  archive: Buffer,
): { readonly start: Buffer; readonly records: readonly Buffer[] } => {
  const startBytes = 12 + archive.readUInt32BE(8) + 32;
  const records: Buffer[] = [];
  for (let at = startBytes; at < archive.length; ) {
    const end = at + 4 + archive.readUInt32BE(at);
    records.push(archive.subarray(at, end));
    at = end;
  }
  return { start: archive.subarray(0, startBytes), records };
};

export async function* partsOf(bytes: Buffer, partBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes);
}

export const sourceOf =
  (archive: Buffer, partBytes = 1000): ArchiveSource =>
  async (startByte) =>
    partsOf(archive.subarray(startByte), partBytes);

export const collect = async (parts: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const collected: Uint8Array[] = [];
  for await (const part of parts) collected.push(part);
  return Buffer.concat(collected);
};
