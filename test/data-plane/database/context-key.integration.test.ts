import { expect, test } from 'vitest';
import {
  freeContextKeyId,
  installContextKey,
  refuseOlderContextKey,
} from '../../../data-plane/database/context-key.js';
import { inScratch, useDatabase } from '../../support/cell-database.js';

const db = useDatabase();
const key = (keyId: number) => ({ keyId, secret: Buffer.alloc(32, keyId) });

/** Keys that the cell has: the id of each, and whether a rotation has withdrawn it. */
const plant = (keys: ReadonlyArray<readonly [id: number, withdrawn: boolean]>): string =>
  `DELETE FROM ringfence_private.context_keys;
   INSERT INTO ringfence_private.context_keys (key_id, inner_pad, outer_pad, valid_until) VALUES ${keys
     .map(
       ([id, withdrawn]) =>
         `(${id}, decode(repeat('00', 64), 'hex'), decode(repeat('00', 64), 'hex'), ${withdrawn ? 'now()' : `'infinity'`})`,
     )
     .join(', ')}`;

test.each([
  [
    'its key was withdrawn',
    6,
    [
      [6, true],
      [7, false],
    ],
  ],
  ['its key was withdrawn and forgotten', 5, [[7, false]]],
  [
    'ids have gone round since',
    254,
    [
      [254, true],
      [255, true],
      [1, false],
    ],
  ],
] as const)('older credentials are refused: %s', async (_, keyId, keys) => {
  await inScratch(db.admin, async (client) => {
    await client.query(plant(keys));
    await expect(refuseOlderContextKey(client, key(keyId))).rejects.toMatchObject({ code: 'conflict' });
    await expect(installContextKey(client, key(keyId))).rejects.toMatchObject({ code: 'conflict' });
  });
});

test.each([
  [
    'the cell is older than they are',
    8,
    [
      [6, true],
      [7, false],
    ],
  ],
  ['the cell is older, and ids have gone round', 1, [[255, false]]],
  [
    'a rotation was broken off before the file was written',
    6,
    [
      [6, false],
      [7, false],
    ],
  ],
  ['somebody ended the only key', 6, [[6, true]]],
  ['the cell has none', 6, []],
] as const)('the key is installed when %s', async (_, keyId, keys) => {
  await inScratch(db.admin, async (client) => {
    await client.query(keys.length > 0 ? plant(keys) : 'DELETE FROM ringfence_private.context_keys');
    await installContextKey(client, key(keyId));
    const { rows } = await client.query(
      `SELECT FROM ringfence_private.context_keys WHERE key_id = $1 AND valid_until = 'infinity'`,
      [keyId],
    );
    expect(rows).toHaveLength(1);
  });
});

test('a rotation always has a key that is newer, all the way round', async () => {
  await inScratch(db.admin, async (client) => {
    await client.query(plant([[1, false]]));
    for (let time = 0; time < 300; time++) {
      const keyId = await freeContextKeyId(client);
      await installContextKey(client, key(keyId));
      await client.query(
        `UPDATE ringfence_private.context_keys SET valid_until = '-infinity' WHERE key_id <> $1`,
        [keyId],
      );
    }
  });
});
