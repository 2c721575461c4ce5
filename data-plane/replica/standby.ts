import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, withConnection } from '../database/connect.js';
import { ensureLocalServer } from '../database/server/local-server.js';
import type { ServerRecord } from '../database/server/record.js';
import { replicaDataDir, replicaDir } from '../database/server/replica-place.js';

/** How far a replica has come by itself, without its primary. */
export interface Standby {
  /** False once it was promoted. */
  readonly inRecovery: boolean;
  /** The end of the last record that it replayed, as Postgres writes positions. */
  readonly replayedLsn: string;
  /** It has what was committed up to here at least: its last commit, or where it has replayed none since, its last checkpoint. */
  readonly hasUntil: Date;
}

const LOOK_MS = 50;
/** It is still for so many looks: it has replayed all that there is. */
const STILL_LOOKS = 30;
const LOOKS = 2_400;

/**
 * The replica of a server, started where it is stopped; undefined where there is none.
 * @param isEnough is waited for while it goes on replaying.
 */
export const standbyOf = async (
  { dataDir }: Pick<ServerRecord, 'dataDir'>,
  isEnough: (found: Standby) => boolean = () => true,
): Promise<Standby | undefined> => {
  if (!existsSync(replicaDataDir(dataDir))) return undefined;
  const server = { ...(await ensureLocalServer(replicaDir(dataDir))), database: 'postgres' };
  let found = await look(server);
  for (let looks = 0, still = 0; looks < LOOKS && still < STILL_LOOKS && !isEnough(found); looks++) {
    await pause(LOOK_MS);
    const next = await look(server);
    still = next.replayedLsn === found.replayedLsn ? still + 1 : 0;
    found = next;
  }
  return found;
};

const look = (server: Connection): Promise<Standby> =>
  withConnection(server, async (client) => {
    const { rows } = await client.query<Standby>(
      `SELECT pg_is_in_recovery() AS "inRecovery", coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS "replayedLsn",
              coalesce(pg_last_xact_replay_timestamp(), checkpoint_time) AS "hasUntil" FROM pg_control_checkpoint()`,
    );
    return rows[0] as Standby;
  });
