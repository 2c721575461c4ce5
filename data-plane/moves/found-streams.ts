import type pg from 'pg';
import { unpublish } from './publication.js';
import { dropSlots } from './slot.js';
import { exactly, isStreamLogin, moveOf, streamPattern } from './stream-names.js';
import { dropStreamReader } from './stream-reader.js';
import { unsubscribe } from './subscription.js';

/** A part of the stream of a move that a cell has. */
export interface FoundStream {
  readonly kind: 'subscription' | 'slot' | 'publication' | 'login';
  readonly name: string;
  /** The mark of its move (stream-names.ts). */
  readonly move: string;
}

/** Every part of a stream of every move in a cell. */
export const readStreams = async (client: pg.ClientBase): Promise<FoundStream[]> => {
  const { rows } = await client.query<Pick<FoundStream, 'kind' | 'name'>>(
    `SELECT * FROM (
       SELECT 'subscription' AS kind, subname::text AS name FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       UNION ALL SELECT 'slot', slot_name FROM pg_replication_slots WHERE database = current_database()
       UNION ALL SELECT 'publication', pubname FROM pg_publication
       UNION ALL SELECT 'login', rolname FROM pg_roles) found
      WHERE name LIKE $1 ORDER BY kind, name`,
    [streamPattern()],
  );
  return rows.flatMap((found) => {
    const move = moveOf(found.name);
    return move === undefined || (found.kind === 'login') !== isStreamLogin(found.name)
      ? []
      : [{ ...found, move }];
  });
};

/** Drops these parts, whoever made them. Nobody works on their moves. Idempotent. */
export const dropStreams = async (client: pg.Client, streams: readonly FoundStream[]): Promise<void> => {
  const of = (kind: FoundStream['kind']): string[] =>
    streams.filter((stream) => stream.kind === kind).map(({ name }) => exactly(name));
  for (const name of of('subscription')) await unsubscribe(client, undefined, name);
  for (const name of of('slot')) await dropSlots(client, undefined, name);
  for (const name of of('publication')) await unpublish(client, name);
  for (const { kind, name } of streams) if (kind === 'login') await dropStreamReader(client, name);
};

/**
 * Ends every stream of a cell that came back from an earlier copy: its positions are those of the copy, so a stream that went on would
 * leave out what was brought meanwhile. Fences stay.
 */
export const forgetStreams = async (client: pg.Client): Promise<void> => {
  await dropStreams(client, await readStreams(client));
  await client.query('UPDATE ringfence_private.moves SET tracks = false, locks_schema = false');
  await client.query('DELETE FROM ringfence_private.changed_keys');
};
