import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import type { MoveRun } from '../../data-plane/moves/move-run.js';
import { unpublish } from '../../data-plane/moves/publication.js';
import { dropSlots } from '../../data-plane/moves/slot.js';
import {
  earlierStreamPattern,
  exactly,
  type StreamNames,
  streamLogin,
  streamPattern,
} from '../../data-plane/moves/stream-names.js';
import { dropStreamReader, putStreamReader } from '../../data-plane/moves/stream-reader.js';
import {
  reconnectSubscription,
  subscribe,
  tryWay,
  unsubscribe,
} from '../../data-plane/moves/subscription.js';
import type { Runtime } from '../runtime.js';

/** One direction of a move: the cell whose rows are streamed, and the one that takes them. */
export interface Direction {
  readonly from: string;
  readonly to: string;
}

const PASSWORD_BYTES = 24;

/** Names of one stream are the same at both ends. */
const namesOf = (name: string): StreamNames => ({ publication: name, slot: name, subscription: name });

/** How the one server reaches the other: with a new password each time. */
const access = async ({ target }: Runtime, moveId: string, { from, to }: Direction): Promise<string> => {
  const publisher = await target.adminConnection(from);
  const user = streamLogin(moveId);
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const { group } = (await target.server(from)).streams;
  const way = await (await target.server(to)).streams.keep(user, { user, password });
  await withConnection(publisher, (client) => putStreamReader(client, { user, password, group }));
  return conninfo(publisher, user, way);
};

/** How one server reaches another, as libpq takes it. @param way as `StreamAccess.keep` gives it. */
export const conninfo = (
  { host, port, database, address }: Connection,
  user: string,
  way: string,
): string => {
  const at = address?.() ?? { host, port };
  return `host=${at.host} port=${at.port} dbname=${database} user=${user} ${way} connect_timeout=10 keepalives_idle=10 keepalives_interval=5 keepalives_count=3`;
};

/**
 * Has each server of a move reach the other, before anything is copied: a move that could not be rolled back does not begin.
 * @throws RingfenceError `conflict`, saying who does not reach whom and why.
 */
export const requireWays = async (
  runtime: Runtime,
  { moveId }: MoveRun,
  { source, destination }: { readonly source: string; readonly destination: string },
): Promise<void> => {
  for (const direction of [
    { from: source, to: destination },
    { from: destination, to: source },
  ]) {
    const { from, to } = direction;
    const way = await access(runtime, moveId, direction);
    const why = await inCell(runtime, to, (client) => tryWay(client, `${streamLogin(moveId)}_try`, way));
    if (why !== undefined)
      throw new RingfenceError(
        'conflict',
        `the server of cell ${to} does not reach that of cell ${from}: ${why}`,
        {
          fix: 'both servers have to reach each other, to move and to come back: see docs/aws.md, "Moves", for servers in AWS; the tenant works on where it was: `ringfence operations resume`, or `abort`',
        },
      );
  }
};

/** Subscribes the one cell to the slot of the other. */
export const beginStream = async (
  runtime: Runtime,
  run: MoveRun,
  direction: Direction,
  { name, enabled }: { readonly name: string; readonly enabled: boolean },
): Promise<void> => {
  const parameters = await access(runtime, run.moveId, direction);
  const subscriber = await runtime.target.adminConnection(direction.to);
  await withConnection(subscriber, (client) =>
    subscribe(client, run, namesOf(name), { conninfo: parameters, enabled }),
  );
};

/** The publisher may have come back on another port. */
export const reconnectStream = async (
  runtime: Runtime,
  moveId: string,
  direction: Direction,
  name: string,
): Promise<void> => {
  const parameters = await access(runtime, moveId, direction);
  const subscriber = await runtime.target.adminConnection(direction.to);
  await withConnection(subscriber, (client) => reconnectSubscription(client, name, parameters));
};

/** Ends one stream, and whatever is left of it. Idempotent. @throws RingfenceError `move_superseded`. */
export const endStream = async (
  runtime: Runtime,
  run: MoveRun,
  { from, to }: Direction,
  name: string,
): Promise<void> => {
  const pattern = exactly(name);
  await inCell(runtime, to, (client) => unsubscribe(client, run, pattern));
  await inCell(runtime, from, async (client) => {
    await dropSlots(client, run, pattern);
    await unpublish(client, pattern);
  });
};

/** A cell with the run that works there; without one where the cell has nothing of the tenant any more. */
interface CellOfMove {
  readonly cell: string;
  readonly run: MoveRun | undefined;
}

/**
 * Ends every stream of a move, of earlier runs too, with the logins and passwords. Idempotent.
 * @throws RingfenceError `move_superseded`.
 */
export const endStreams = async (
  runtime: Runtime,
  moveId: string,
  cells: readonly CellOfMove[],
): Promise<void> => {
  for (const pattern of [streamPattern(moveId), earlierStreamPattern(moveId)]) {
    for (const { cell, run } of cells)
      await inCell(runtime, cell, (client) => unsubscribe(client, run, pattern));
    for (const { cell, run } of cells)
      await inCell(runtime, cell, async (client) => {
        await dropSlots(client, run, pattern);
        await unpublish(client, pattern);
      });
  }
  const login = streamLogin(moveId);
  for (const { cell } of cells) {
    await inCell(runtime, cell, (client) => dropStreamReader(client, login));
    await (await runtime.target.server(cell)).streams.drop(login);
  }
};

const inCell = async <T>(
  { target }: Runtime,
  cell: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => withConnection(await target.adminConnection(cell), work);
