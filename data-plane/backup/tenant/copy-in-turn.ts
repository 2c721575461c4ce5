import type pg from 'pg';
import { type CopyOut, copyOut } from './copy.js';
import type { Section } from './sections.js';

/**
 * Copies sections on several connections at once and hands them out in their order. While one is compressed, the server
 * reads and sorts the next ones, as far as a connection's buffers take them.
 *
 * @param clients in transactions that see the same snapshot.
 * @returns copies to be read to their end, each before the next is asked for; for one that is not, all connections are
 *   to be closed, as with `copyOut`.
 */
export async function* copyInTurn(
  clients: readonly pg.ClientBase[],
  sections: readonly Section[],
): AsyncGenerator<{ readonly section: Section; readonly copy: CopyOut }> {
  const begun = clients.map((client, at) => begin(client, sections[at]));
  for (const [at, section] of sections.entries()) {
    const turn = at % clients.length;
    const copy = begun[turn];
    if (copy === undefined) return;
    yield { section, copy };
    begun[turn] = begin(clients[turn], sections[at + clients.length]);
  }
}

const begin = (client: pg.ClientBase | undefined, section: Section | undefined): CopyOut | undefined =>
  client && section && copyOut(client, section.query);
