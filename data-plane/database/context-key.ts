import type pg from 'pg';
import { type ContextKey, hmacPads } from '../access/context-token.js';

/** Gives the database the key that verifies context tokens; replaces the one with the same id. */
export const installContextKey = async (client: pg.ClientBase, key: ContextKey): Promise<void> => {
  const { innerPad, outerPad } = hmacPads(key.secret);
  await client.query(
    `INSERT INTO ringfence_private.context_keys AS known (key_id, inner_pad, outer_pad) VALUES ($1, $2, $3)
     ON CONFLICT (key_id) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad`,
    [key.keyId, innerPad, outerPad],
  );
};
