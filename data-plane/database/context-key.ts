import type pg from 'pg';
import { type ContextKey, hmacPads } from '../access/context-token.js';

/**
 * Gives the database a key that verifies context tokens, without an end; replaces the one with the same id.
 * @returns whether it had another one, or none.
 */
export const installContextKey = async (client: pg.ClientBase, key: ContextKey): Promise<boolean> => {
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
