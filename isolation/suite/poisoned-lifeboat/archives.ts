import { randomUUID } from 'node:crypto';
import { deriveArchiveKeys, encodeHeader } from '../../../data-plane/backup/archive/header.js';
import { storeArchive } from '../../../data-plane/backup/archive/in-store.js';
import { RECORD, sealRecord } from '../../../data-plane/backup/archive/records.js';
import { zstdFrame, zstdReady } from '../../../data-plane/backup/archive/zstd.js';
import { copyOut } from '../../../data-plane/backup/tenant/copy.js';
import { type Section, tenantSections } from '../../../data-plane/backup/tenant/sections.js';
import { withSnapshot } from '../../../data-plane/backup/tenant/snapshot.js';
import { type ArchivePlace, takeBackup } from '../../../data-plane/backup/tenant/take.js';
import { deriveKey } from '../../../data-plane/keys/derive-key.js';
import type { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { CANARY_OBJECTS } from '../canary-ids.js';
import type { Stage } from '../stage.js';

/** An archive with what is needed to open it. */
export interface Archive {
  readonly place: ArchivePlace;
  readonly bytes: Buffer;
}

export const keyOf = (stage: Stage, tenantId: string): Promise<TenantKey> =>
  stage.once(`key of ${tenantId}`, () => stage.keys.tenantKeys.create(tenantId, stage.keys.rootKeyId));

/** A real backup of a throw-away tenant, in the deployment's own object store. */
export const backUp = async (stage: Stage, tenantId: string): Promise<Archive> => {
  const backupId = randomUUID();
  const place: ArchivePlace = {
    tenantId,
    key: await keyOf(stage, tenantId),
    store: stage.keys.objects,
    objectKey: `${CANARY_OBJECTS}${tenantId}.${backupId}.backup`,
    backupId,
  };
  const { admin, app, contextKey, now } = stage.target;
  await takeBackup({ ...place, admin, app, contextKey, now });
  return { place, bytes: await readAll(place.store, place.objectKey) };
};

const readAll = async (store: ObjectStore, objectKey: string): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of await store.get(objectKey)) parts.push(part);
  return Buffer.concat(parts);
};

/** The records of an archive, each with its length field, and what stands before them (docs/formats.md, archive). */
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

/** A well-sealed archive. Someone with the tenant's key changed its sections. */
export const forge = async (
  stage: Stage,
  place: ArchivePlace,
  store: ObjectStore,
  change: (section: Section) => Section | undefined,
): Promise<void> => {
  const { tenantId, key, backupId } = place;
  const archive = {
    key: deriveKey(key, { purpose: 'backup' }),
    header: { tenantId, backupId, keyVersion: key.version },
    schemaVersion: 'forged',
  };
  await withSnapshot(stage.target.admin, async (client) => {
    const { sections } = await tenantSections(client, tenantId);
    await storeArchive({ store, objectKey: place.objectKey }, archive, async (writer) => {
      for (const section of sections.flatMap((known) => change(known) ?? [])) {
        const copy = copyOut(client, section.query);
        await writer.section(section.name, section.columns, copy.bytes, copy.rows);
      }
    });
  });
};

/** A well-sealed archive with one section of any name, past every check of the writer. */
export const craft = async ({ tenantId, key, backupId }: ArchivePlace, name: string): Promise<Buffer> => {
  await zstdReady();
  const salt = Buffer.alloc(32, 1).toString('base64');
  const encoded = encodeHeader({
    tenantId,
    backupId,
    keyVersion: key.version,
    createdAt: '2026-01-01T00:00:00.000Z',
    chunkBytes: 64,
    salt,
  });
  const keys = deriveArchiveKeys(deriveKey(key, { purpose: 'backup' }), { salt }, encoded);
  const section = { name, columns: ['id'], rows: 1, bytes: 1, sha256: '0'.repeat(64) };
  const records = [
    { kind: RECORD.section, content: Buffer.from(name) },
    { kind: RECORD.data, content: zstdFrame(Buffer.from('x'), 1) },
    {
      kind: RECORD.manifest,
      content: Buffer.from(JSON.stringify({ schemaVersion: '1', sections: [section] })),
    },
  ];
  const sealed = records.map((record, index) =>
    sealRecord(keys, { ...record, index, last: index === records.length - 1 }),
  );
  return Buffer.concat([encoded, keys.commitment, ...sealed]);
};
