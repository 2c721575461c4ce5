import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../../core/errors.js';
import { storeArchive, storedArchive } from '../../../../data-plane/backup/archive/in-store.js';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import { folderStore } from '../../../../data-plane/objects/folder-store.js';
import type { ObjectStore } from '../../../../data-plane/objects/object-store.js';
import { TENANT_A } from '../../keys/samples.js';
import { collect, HEADER, KEY, partsOf } from './build.js';

const folder = await mkdtemp(join(tmpdir(), 'ringfence-archive-'));
afterAll(() => rm(folder, { recursive: true }));
const store = folderStore(folder);
const options = { key: KEY, header: HEADER, schemaVersion: '1' };

describe('An archive in a store', () => {
  it('is stored and opened, table by table', async () => {
    const [notes, visits] = [randomBytes(3_000_000), Buffer.alloc(2_500_000, 'visit ')];
    const { manifest, storedBytes } = await storeArchive(
      { store, objectKey: 'a/one.bak' },
      options,
      async (writer) => {
        await writer.section('notes', ['id', 'body'], partsOf(notes, 65_536), () => 7);
        await writer.section('visits', ['id'], partsOf(visits, 65_536), () => 9);
      },
    );
    expect((await store.stat('a/one.bak'))?.bytes).toBe(storedBytes);
    const source = storedArchive(store, 'a/one.bak');
    const opened = await openArchive({ source, key: KEY, expected: { tenantId: TENANT_A } });
    expect(opened.manifest).toEqual(manifest);
    expect(visits.equals(await collect(opened.section('visits')))).toBe(true);
    expect(notes.equals(await collect(opened.section('notes')))).toBe(true);
  });

  it('is not there when a source fails, and the failure is told', async () => {
    const failure = new Error('the connection was lost');
    const storing = storeArchive({ store, objectKey: 'failed.bak' }, options, async (writer) => {
      const source = (async function* () {
        yield randomBytes(3_000_000);
        throw failure;
      })();
      await writer.section('notes', ['id'], source, () => 1);
    });
    await expect(storing).rejects.toBe(failure);
    expect(await store.stat('failed.bak')).toBeUndefined();
  });

  it.each([0, 1, 2_000_000])(
    'tells when the store fails after %i bytes, and does not wait for ever',
    async (bytes) => {
      const failure = new RingfenceError('disk_full', 'full');
      const full: ObjectStore = {
        ...store,
        async put(_key, source) {
          let taken = 0;
          for await (const part of source) {
            taken += part.length;
            if (taken > bytes) throw failure;
          }
          return taken;
        },
      };
      const storing = storeArchive({ store: full, objectKey: 'k' }, options, async (writer) => {
        await writer.section('notes', ['id'], partsOf(randomBytes(9_000_000), 65_536), () => 1);
      });
      await expect(storing).rejects.toBe(failure);
    },
  );

  it('that is not there is not found', async () => {
    const source = storedArchive(store, 'none.bak');
    const opening = openArchive({ source, key: KEY, expected: { tenantId: TENANT_A } });
    await expect(opening).rejects.toMatchObject({ code: 'backup_not_found' });
  });
});
