import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Network } from '../../targets/target.js';

/** A way to a real server. */
export interface Approach {
  readonly network: Network;
  readonly to: Parameters<Network['reach']>[0];
}

/**
 * The obligations of a Network.
 * @param right the way to a server as it should be.
 * @param wrong ways that must not be taken, by what is wrong with each.
 */
export const networkConformance = (
  name: string,
  right: () => Approach,
  wrong: Readonly<Record<string, () => Approach>>,
): void => {
  describe(`${name} keeps the obligations of a Network`, () => {
    it('reaches a server over loopback or verified TLS', async () => {
      const { network, to } = right();
      const { rows } = await withConnection(network.reach(to), (client) =>
        client.query<{ tls: boolean; loopback: boolean }>(
          `SELECT ssl AS tls, inet_server_addr() <<= '127.0.0.0/8' AS loopback FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
        ),
      );
      const isVerified = network.reach(to).ssl !== undefined;
      expect(rows).toEqual([{ tls: isVerified, loopback: true }]);
      expect(network.caFile !== undefined).toBe(isVerified);
    });

    it.each(Object.keys(wrong))('sends no login to %s', async (which) => {
      const approach = wrong[which]?.();
      if (!approach) throw new Error(`${which} is no way`);
      const { network, to } = approach;
      const wire = await listenBetween(to.host, to.port);
      const refused = await (async () =>
        withConnection(network.reach({ ...to, port: wire.port }), (client) =>
          client.query('SELECT'),
        ))().catch((error: unknown) => error);
      await wire.close();
      expect(refused).toBeInstanceOf(RingfenceError);
      expect((refused as RingfenceError).code).toMatch(
        /^(?:config_invalid|database_auth_failed|database_refused)$/,
      );
      expect(wire.sent().includes(to.user)).toBe(false);
    });
  });
};

/** A port of this machine that leads to a server, and what was sent through it. */
const listenBetween = async (host: string, port: number) => {
  const sent: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, host);
    client.on('data', (chunk) => sent.push(chunk as Buffer));
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => Buffer.concat(sent),
    close: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
