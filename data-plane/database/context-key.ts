import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type ContextKey, hmacPads } from '../access/context-token.js';

/** Ids go round: of two, the one that comes within half a round after the other is the newer. */
const KEY_IDS = 255;

/**
 * A key that a rotation has ended would be valid for ever again: so what is older than the cell changes nothing in it. A key
 * that the cell has without an end, or does not know because it is older itself, is not refused.
 * @throws RingfenceError `conflict` when the cell has a newer key.
 */
export const refuseOlderContextKey = async (client: pg.ClientBase, { keyId }: ContextKey): Promise<void> => {
  const { rows } = await client.query<{ newest: number }>(
    `SELECT newer.key_id AS newest FROM ringfence_private.context_keys newer
      WHERE newer.valid_until = 'infinity' AND (newer.key_id - $1 + $2) % $2 BETWEEN 1 AND $2 / 2
        AND NOT EXISTS (SELECT FROM ringfence_private.context_keys k WHERE k.key_id = $1 AND k.valid_until = 'infinity')
      ORDER BY (newer.key_id - $1 + $2) % $2 DESC LIMIT 1`,
    [keyId, KEY_IDS],
  );
  const newest = rows[0]?.newest;
  if (newest === undefined) return;
  throw new RingfenceError(
    'conflict',
    `the credentials are older than the cell: it has context key ${newest}, they have ${keyId}, which was withdrawn`,
    {
      fix: `nothing was changed: bring back the copy of credentials.json whose contextKeyId is ${newest}; where there is none, run \`ringfence cells rotate-context-key\` and \`ringfence cells rotate-credentials\``,
    },
  );
};

/**
 * Gives the database a key that verifies context tokens, without an end; replaces the one with the same id.
 * @returns whether it had another one, or none.
 * @throws RingfenceError as refuseOlderContextKey.
 */
export const installContextKey = async (client: pg.ClientBase, key: ContextKey): Promise<boolean> => {
  await refuseOlderContextKey(client, key);
  const { innerPad, outerPad } = hmacPads(key.secret);
  const { rowCount } = await client.query(
    `INSERT INTO ringfence_private.context_keys AS known (key_id, inner_pad, outer_pad) VALUES ($1, $2, $3)
     ON CONFLICT (key_id) DO UPDATE
        SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad, valid_until = 'infinity'
      WHERE (known.inner_pad, known.outer_pad, known.valid_until) IS DISTINCT FROM (excluded.inner_pad, excluded.outer_pad, 'infinity')`,
    [key.keyId, innerPad, outerPad],
  );
  return rowCount === 1;
};

/** A key id that no key has which is valid still; keys whose time is over are deleted. */
export const freeContextKeyId = async (client: pg.ClientBase): Promise<number> => {
  await client.query('DELETE FROM ringfence_private.context_keys WHERE valid_until <= clock_timestamp()');
  const { rows } = await client.query<{ id: number }>(
    `SELECT n AS id FROM generate_series(1, 255) AS n
      WHERE n > coalesce((SELECT max(key_id) FROM ringfence_private.context_keys WHERE key_id < 255), 0)
         OR n NOT IN (SELECT key_id FROM ringfence_private.context_keys)
      ORDER BY n <= coalesce((SELECT max(key_id) FROM ringfence_private.context_keys), 0), n LIMIT 1`,
  );
  return rows[0]?.id ?? 1;
};

/** Ends every other key after `graceMs`, or when it would have ended anyway. @returns when the last one ends. */
export const retireOtherContextKeys = async (
  client: pg.ClientBase,
  keyId: number,
  graceMs: number,
): Promise<Date | null> => {
  await client.query(
    `UPDATE ringfence_private.context_keys SET valid_until = least(valid_until, clock_timestamp() + make_interval(secs => $2))
      WHERE key_id <> $1`,
    [keyId, graceMs / 1000],
  );
  const { rows } = await client.query<{ last: Date | null }>(
    'SELECT max(valid_until) AS last FROM ringfence_private.context_keys WHERE key_id <> $1',
    [keyId],
  );
  return rows[0]?.last ?? null;
};
