import { connect } from 'node:net';

/** An SSLRequest, the only question of the protocol that a server answers without being told a user. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Finds out what listens on a port of 127.0.0.1.
 * @returns `another` when something listens that does not answer as Postgres does within `timeoutMs`
 */
export const askPostgres = (port: number, timeoutMs = 2_000): Promise<'postgres' | 'another' | 'silence'> =>
  new Promise((done) => {
    let connected = false;
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: 'postgres' | 'another' | 'silence') => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(timeoutMs, () => end(connected ? 'another' : 'silence'));
    socket.once('connect', () => {
      connected = true;
      socket.write(SSL_REQUEST);
    });
    socket.once('data', (data) => {
      const reply = data.toString('latin1');
      end(reply === 'S' || reply === 'N' ? 'postgres' : 'another');
    });
    socket.once('error', () => end(connected ? 'another' : 'silence'));
    socket.once('close', () => end(connected ? 'another' : 'silence'));
  });
