import { mkdir, mkdtemp, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderStore } from '../../../data-plane/objects/folder-store.js';
import { objectStoreConformance, sourceOf } from './object-store.conformance.js';

const parent = await mkdtemp(join(tmpdir(), 'ringfence-objects-'));
afterAll(() => rm(parent, { recursive: true }));

objectStoreConformance('The folder store', async () => folderStore(await mkdtemp(join(parent, 'case-'))));

describe('The folder store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(parent, 'case-')), 'objects');
  });

  it('makes files and folders for their owner only', async () => {
    await folderStore(folder).put('a/b', sourceOf('x'));
    expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  });

  it.each(['ENOSPC', 'EDQUOT'])('is disk_full on %s, with nothing left half-written', async (code) => {
    const store = folderStore(folder);
    await store.put('k', sourceOf('old'));
    const probe = await open(join(folder, 'k'), 'r');
    const handles = Object.getPrototypeOf(probe);
    await probe.close();
    const write = handles.writeFile;
    let writes = 0;
    const full = vi.spyOn(handles, 'writeFile').mockImplementation(function (
      this: unknown,
      ...args: unknown[]
    ) {
      if (++writes > 2) return Promise.reject(Object.assign(new Error('full'), { code }));
      return write.apply(this, args);
    });
    const put = store.put('k', sourceOf('new 1', 'new 2', 'new 3', 'new 4'));
    await expect(put).rejects.toMatchObject({ code: 'disk_full', fix: expect.any(String) });
    full.mockRestore();
    expect(await readdir(join(folder, '.incoming'))).toEqual([]);
    expect((await stat(join(folder, 'k'))).size).toBe(3);
  });

  it('removes what a crash left, and not what another run is writing', async () => {
    await mkdir(join(folder, '.incoming'), { recursive: true });
    const [left, current] = ['left', 'current'].map((name) => join(folder, '.incoming', name));
    if (left === undefined || current === undefined) throw new Error('unreachable');
    await writeFile(left, 'x');
    await writeFile(current, 'x');
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(left, longAgo, longAgo);
    await folderStore(folder).put('k', sourceOf('x'));
    expect(await readdir(join(folder, '.incoming'))).toEqual(['current']);
  });

  it('is empty before its folder is made', async () => {
    const store = folderStore(folder);
    for await (const object of store.list('')) expect.unreachable(object.key);
    expect(await store.stat('a/b')).toBeUndefined();
    await store.delete('a/b');
  });

  it('names other failures of the disk', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'a'), 'a file where a folder should be');
    await expect(folderStore(folder).put('a/b', sourceOf('x'))).rejects.toMatchObject({
      code: 'object_store_unavailable',
    });
  });
});
