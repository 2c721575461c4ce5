import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';

/** A source of the given parts, one after the other; an Error among them is thrown. */
export async function* sourceOf(...parts: (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield typeof part === 'string' ? Buffer.from(part) : part;
  }
}

const contentOf = async (store: ObjectStore, key: string, startByte?: number): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of await store.get(key, startByte)) parts.push(part);
  return Buffer.concat(parts).toString();
};

const keysOf = async (store: ObjectStore, prefix = ''): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

/** The obligations of an ObjectStore. `open` gives an empty one. */
export const objectStoreConformance = (name: string, open: () => Promise<ObjectStore>): void => {
  describe(`${name} keeps the obligations of an ObjectStore`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });

    it('gives back what was put, whole or from a byte on', async () => {
      expect(await store.put('a/b.bak', sourceOf('one ', 'two ', 'three'))).toBe(13);
      expect(await contentOf(store, 'a/b.bak')).toBe('one two three');
      expect(await contentOf(store, 'a/b.bak', 4)).toBe('two three');
      expect(await contentOf(store, 'a/b.bak', 13)).toBe('');
      expect(await store.stat('a/b.bak')).toMatchObject({
        key: 'a/b.bak',
        bytes: 13,
        modifiedAt: expect.any(Date),
      });
    });

    it('keeps empty objects, and large ones', async () => {
      expect(await store.put('empty', sourceOf())).toBe(0);
      expect(await contentOf(store, 'empty')).toBe('');
      const part = Buffer.alloc(1024 * 1024, 'x');
      expect(await store.put('large', sourceOf(...Array.from({ length: 9 }, () => part)))).toBe(
        9 * part.length,
      );
      expect((await contentOf(store, 'large')).length).toBe(9 * part.length);
    });

    it('replaces an object, while readers finish the old one', async () => {
      await store.put('k', sourceOf('old'));
      const reading = (await store.get('k'))[Symbol.asyncIterator]();
      await store.put('k', sourceOf('newer'));
      expect(String((await reading.next()).value)).toBe('old');
      await reading.return?.();
      expect(await contentOf(store, 'k')).toBe('newer');
    });

    it('changes nothing when a source fails', async () => {
      const failure = new Error('the source failed');
      await store.put('k', sourceOf('old'));
      await expect(store.put('k', sourceOf('new', failure))).rejects.toBe(failure);
      await expect(store.put('other', sourceOf('new', failure))).rejects.toBe(failure);
      expect(await contentOf(store, 'k')).toBe('old');
      expect(await keysOf(store)).toEqual(['k']);
    });

    it('ends with one whole object when two are put at once', async () => {
      await Promise.all(['aaaa', 'bbbb', 'cccc'].map((text) => store.put('k', sourceOf(text, text))));
      expect(await contentOf(store, 'k')).toMatch(/^(a{8}|b{8}|c{8})$/);
    });

    it('lists by prefix, ascending', async () => {
      for (const key of ['b/2', 'b.1', 'a', 'b/1/x', 'b-0', 'c']) await store.put(key, sourceOf(key));
      expect(await keysOf(store)).toEqual(['a', 'b-0', 'b.1', 'b/1/x', 'b/2', 'c']);
      expect(await keysOf(store, 'b/')).toEqual(['b/1/x', 'b/2']);
      expect(await keysOf(store, 'b/1')).toEqual(['b/1/x']);
      expect(await keysOf(store, 'nothing')).toEqual([]);
    });

    it('deletes, also what is not there', async () => {
      await store.put('k', sourceOf('x'));
      await store.delete('k');
      await store.delete('k');
      expect(await store.stat('k')).toBeUndefined();
      await expect(store.get('k')).rejects.toMatchObject({ code: 'backup_not_found' });
    });

    it('refuses keys that could point elsewhere', async () => {
      const dots = ['', '.', '..', '../x', 'a/../b', 'a..b', '.hidden', 'a/.hidden'];
      const others = ['/a', 'a/', 'a//b', 'A', 'a b', 'a\n', 'a\\b', 'a\0', 'ñ', 'a'.repeat(513)];
      for (const key of [...dots, ...others]) {
        const refused = { code: 'config_invalid' };
        await expect(store.put(key, sourceOf('x'))).rejects.toMatchObject(refused);
        await expect(store.get(key)).rejects.toMatchObject(refused);
        await expect(store.stat(key)).rejects.toMatchObject(refused);
        await expect(store.delete(key)).rejects.toMatchObject(refused);
      }
      expect(await keysOf(store)).toEqual([]);
    });
  });
};
