import { connect } from 'node:net';
import type pg from 'pg';

const CANCEL_REQUEST = 80_877_102;
const TIMEOUT_MS = 2_000;

/**
 * Asks the server to stop what this connection runs: CancelRequest of the protocol, on a connection of its own,
 * which takes no privilege but the connection's secret. Resolves when the server has taken note, or gave no answer.
 */
export const requestCancel = (client: pg.Client): Promise<void> =>
  new Promise((resolve) => {
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const message = Buffer.alloc(16);
    message.writeInt32BE(message.length, 0);
    message.writeInt32BE(CANCEL_REQUEST, 4);
    message.writeInt32BE(processID, 8);
    message.writeInt32BE(secretKey, 12);
    const target = client.host.startsWith('/')
      ? { path: `${client.host}/.s.PGSQL.${client.port}` }
      : { host: client.host, port: client.port };
    // The other side closes, as for libpq: PgBouncer 1.18 exits when this one closes while it passes the request on.
    const socket = connect(target, () => socket.write(message));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
