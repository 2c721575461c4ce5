import type { Connection } from '../../data-plane/database/connect.js';

/** RDS changes a password that it manages every seven days, and a worker runs for longer than that. */
const REMEMBER_MS = 60_000;

/** Administrators' connections of cells. They are asked for again after a minute; a failed one is not kept. */
export type AdminConnections = (cell: string, ask: () => Promise<Connection>) => Promise<Connection>;

export const adminConnections = (): AdminConnections => {
  const known = new Map<string, { readonly connection: Promise<Connection>; readonly untilMs: number }>();
  return (cell, ask) => {
    const nowMs = performance.now();
    const remembered = known.get(cell);
    if (remembered && remembered.untilMs > nowMs) return remembered.connection;
    const connection = ask();
    known.set(cell, { connection, untilMs: nowMs + REMEMBER_MS });
    connection.catch(() => known.delete(cell));
    return connection;
  };
};
