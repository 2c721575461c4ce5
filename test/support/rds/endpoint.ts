import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Client } from '../../../data-plane/database/client.js';
import type { Connection } from '../../../data-plane/database/connect.js';

/**
 * RDS lets the members of a role stream, Postgres whoever has an attribute. Before each connection exactly those members have the
 * attribute: who was given it in another way loses it.
 */
const MEMBERS_STREAM = `
  DO $$
  DECLARE
    login record;
  BEGIN
    FOR login IN SELECT r.rolname, pg_has_role(r.oid, 'rds_replication', 'MEMBER') AS may FROM pg_roles r
                  WHERE NOT r.rolsuper AND r.rolname <> 'rds_replication'
                    AND r.rolreplication <> pg_has_role(r.oid, 'rds_replication', 'MEMBER') LOOP
      EXECUTE format('ALTER ROLE %I %s', login.rolname, CASE WHEN login.may THEN 'REPLICATION' ELSE 'NOREPLICATION' END);
    END LOOP;
  END $$`;

/** The endpoint of an instance: a port of 127.0.0.1 that leads to its server. */
export const openEndpoint = async (
  provider: Connection,
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
      .then(() => client.query(MEMBERS_STREAM))
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
