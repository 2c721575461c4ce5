import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Client } from '../../../data-plane/database/client.js';
import type { Connection } from '../../../data-plane/database/connect.js';

/**
 * RDS lets the members of a role stream, Postgres whoever has an attribute, which shows. Before each connection the master and those
 * who are in that role themselves have the attribute, and no other login: who was given it in another way loses it.
 */
const membersStream = (master: string): string => `
  DO $$
  DECLARE
    login record;
  BEGIN
    FOR login IN SELECT r.rolname, m.may FROM pg_roles r
                  CROSS JOIN LATERAL (SELECT r.rolname = '${master}' OR EXISTS (
                    SELECT FROM pg_auth_members WHERE roleid = 'rds_replication'::regrole AND member = r.oid) AS may) m
                  WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolreplication <> m.may LOOP
      EXECUTE format('ALTER ROLE %I %s', login.rolname, CASE WHEN login.may THEN 'REPLICATION' ELSE 'NOREPLICATION' END);
    END LOOP;
  END $$`;

/** The endpoint of an instance: a port of 127.0.0.1 that leads to its server. */
export const openEndpoint = async (
  provider: Connection,
  master: string,
): Promise<{ readonly port: number; close(): void }> => {
  const client = new Client(provider);
  client.on('error', () => undefined);
  await client.connect();
  let last: Promise<unknown> = Promise.resolve();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((inbound) => {
    keep(inbound).pause();
    last = last
      .then(() => client.query(membersStream(master)))
      .then(() => {
        const outbound = keep(connect(provider.port, provider.host));
        inbound.on('close', () => outbound.destroy());
        outbound.on('close', () => inbound.destroy());
        inbound.pipe(outbound).pipe(inbound);
      })
      .catch(() => inbound.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  return {
    port: address.port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      client.end().catch(() => undefined);
    },
  };
};
