import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { Runtime } from '../../control-plane/runtime.js';
import type { Connection } from '../../data-plane/database/connect.js';

/** A runtime whose cells are that far away from it and from one another; applications are beside them. */
export const withLatency = async <T>(
  runtime: Runtime,
  roundTripMs: number,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> => {
  const proxies = new Map<string, Promise<Proxy>>();
  const adminConnection = async (cell: string): Promise<Connection> => {
    const { address, ...connection } = await runtime.target.adminConnection(cell);
    const proxy = proxies.get(cell) ?? startProxy(address?.() ?? connection, roundTripMs / 2);
    proxies.set(cell, proxy);
    return { ...connection, host: '127.0.0.1', port: (await proxy).port };
  };
  try {
    return await work({ ...runtime, target: { ...runtime.target, adminConnection } });
  } finally {
    for (const proxy of proxies.values()) (await proxy).stop();
  }
};

interface Proxy {
  readonly port: number;
  stop(): void;
}

const startProxy = async (
  { host, port }: { readonly host: string; readonly port: number },
  delayMs: number,
): Promise<Proxy> => {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const there = createConnection({ host, port });
    for (const [from, to] of [
      [client, there],
      [there, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay();
      // Timers of one duration fire in their order.
      from.on('data', (part) => setTimeout(() => to.write(part), delayMs));
      from.on('close', () => setTimeout(() => to.destroy(), delayMs));
      from.on('error', () => undefined);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
