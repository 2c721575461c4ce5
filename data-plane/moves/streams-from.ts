import type pg from 'pg';
import { unpublish } from './publication.js';
import { dropSlots } from './slot.js';
import { exactly, streamPattern } from './stream-names.js';

/**
 * Ends every stream by which a tenant's rows leave a cell, whichever move made it: what is deleted here would be deleted at its other
 * end, which may be the home by now. A control database that came back from an earlier state knows nothing of some. Idempotent.
 */
export const endStreamsFrom = async (client: pg.Client, tenantId: string): Promise<void> => {
  for (const name of await publicationsOf(client, tenantId)) {
    const pattern = exactly(name);
    await dropSlots(client, undefined, pattern);
    await unpublish(client, pattern);
  }
};

/** Each publishes the markers of its tenant. */
const publicationsOf = async (client: pg.ClientBase, tenantId: string): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT p.pubname AS name FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
      WHERE p.pubname LIKE $2 AND r.prrelid = to_regclass('ringfence_private.move_markers')
        AND strpos(pg_get_expr(r.prqual, r.prrelid), $1) > 0`,
    [tenantId, streamPattern()],
  );
  return rows.map(({ name }) => name);
};
