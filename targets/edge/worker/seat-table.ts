import type { SqlStorage } from '@cloudflare/workers-types';
import type { SeatStore } from '../limits/seats.js';

/** Seats in the object's own database. */
export const seatTable = (sql: SqlStorage): SeatStore => {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS seats (user TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID',
  );
  return {
    all: () =>
      sql
        .exec<{ user: string; until_ms: number }>('SELECT user, until_ms FROM seats')
        .toArray()
        .map(({ user, until_ms }) => [user, until_ms] as const),
    put: (user, untilMs) => void sql.exec('INSERT OR REPLACE INTO seats VALUES (?, ?)', user, untilMs),
    delete: (user) => void sql.exec('DELETE FROM seats WHERE user = ?', user),
  };
};
