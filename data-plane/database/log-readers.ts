import type pg from 'pg';

/** Whoever reads a server's log, or may come back for it: a standby, a subscriber, a base backup. */
export interface LogReader {
  readonly name: string;
  /** Null without a slot: nobody tells. */
  readonly kind: 'physical' | 'logical' | null;
  /** Its address on the network; null over a socket of the machine, and of one that is not connected. */
  readonly address: string | null;
  readonly isConnected: boolean;
}

/** All of a server's, by name. Slots outlive connections, and base backups need none. */
export const listLogReaders = async (client: pg.Client | pg.Pool): Promise<LogReader[]> => {
  const { rows } = await client.query<LogReader>(
    `SELECT coalesce(s.slot_name, r.application_name, '') AS name, s.slot_type AS kind, host(r.client_addr) AS address,
            r.pid IS NOT NULL AS "isConnected"
       FROM pg_replication_slots s FULL JOIN pg_stat_replication r ON r.pid = s.active_pid ORDER BY 1`,
  );
  return rows;
};
