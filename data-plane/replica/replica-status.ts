import { existsSync, readFileSync } from 'node:fs';
import { type Connection, withConnection } from '../database/connect.js';
import { readOwnRecord } from '../database/server/data-owner.js';
import { runningLocalServer } from '../database/server/local-server.js';
import { replicaDataDir, replicaDir } from '../database/server/replica-place.js';
import { REPLICA } from './replication-login.js';

/** How a replica is. An unknown lag is null, which is not zero. */
export interface ReplicaStatus {
  /** `detached`: it runs, and gets nothing from its primary. */
  readonly state: 'streaming' | 'detached' | 'stopped';
  readonly port: number | null;
  /** WAL of the primary that it has not replayed yet. */
  readonly lagBytes: number | null;
  /** How long its last transaction took from the primary's commit until it was visible here. */
  readonly lagSeconds: number | null;
}

interface Replication {
  readonly isStreaming: boolean;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
}

const REPLICATION = readFileSync(new URL('./queries/replication.sql', import.meta.url), 'utf8');

/** The replica of the server in `dir`, as it and its primary say; undefined where none was made. Starts nothing. */
export const readReplica = async (dir: string): Promise<ReplicaStatus | undefined> => {
  const record = readOwnRecord(dir);
  if (!record || !existsSync(replicaDataDir(record.dataDir))) return undefined;
  const replica = runningLocalServer(replicaDir(record.dataDir));
  const unknown = { port: replica?.port ?? null, lagBytes: null, lagSeconds: null };
  if (!replica) return { state: 'stopped', ...unknown };
  const primary = runningLocalServer(dir);
  const found = primary && (await askPrimary({ ...primary, database: 'postgres' }));
  if (!found) return { state: 'detached', ...unknown };
  const { isStreaming, lagBytes, lagSeconds } = found;
  return { state: isStreaming ? 'streaming' : 'detached', port: replica.port, lagBytes, lagSeconds };
};

/** The replica's own superuser, for reading; undefined while it does not run. Starts nothing. */
export const replicaConnection = (dir: string): Connection | undefined => {
  const record = readOwnRecord(dir);
  const server = record && runningLocalServer(replicaDir(record.dataDir));
  return server && { ...server, database: 'postgres' };
};

const askPrimary = (primary: Connection): Promise<Replication | undefined> =>
  withConnection(
    primary,
    async (client) => (await client.query<Replication>(REPLICATION, [REPLICA])).rows[0],
  );
