import type pg from 'pg';
import { withConnection } from '../../data-plane/database/connect.js';
import { dropStreams, type FoundStream, readStreams } from '../../data-plane/moves/found-streams.js';
import { isOfMove, moveOf } from '../../data-plane/moves/stream-names.js';
import type { Runtime } from '../runtime.js';
import { listOpenMoves } from './store.js';

/** What a cell has of moves that are over: a run that was taken over, or a cell that could not be reached, left it. */
export interface Orphans {
  readonly streams: readonly FoundStream[];
  /** Names of kept passwords. */
  readonly passwords: readonly string[];
}

/** @param passwords names of those that are kept for the cell's server. */
export const findOrphans = async (
  control: Pick<pg.Pool, 'query'>,
  client: pg.ClientBase,
  passwords: readonly string[],
): Promise<Orphans> => {
  // Before the moves: one that begins meanwhile is recorded before it has a stream.
  const streams = await readStreams(client);
  const open = await listOpenMoves(control);
  const isOrphan = (mark: string | undefined): boolean =>
    mark !== undefined && !open.some(({ id }) => isOfMove(id, mark));
  return {
    streams: streams.filter(({ move }) => isOrphan(move)),
    passwords: passwords.filter((name) => isOrphan(moveOf(name))),
  };
};

export const describeOrphans = ({ streams, passwords }: Orphans): string[] => [
  ...streams.map(({ kind, name }) => `${kind} ${name}`),
  ...passwords.map((name) => `password of ${name}`),
];

/** Drops what a cell has of moves that are over. @returns what it was; with `dryRun` nothing is dropped. */
export const dropOrphans = async (
  { control, target }: Runtime,
  cell: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<string[]> => {
  const { streams: kept } = await target.server(cell);
  const passwords = await kept.list();
  return withConnection(await target.adminConnection(cell), async (client) => {
    const orphans = await findOrphans(control, client, passwords);
    if (!dryRun) {
      await dropStreams(client, orphans.streams);
      for (const name of orphans.passwords) await kept.drop(name);
    }
    return describeOrphans(orphans);
  });
};
