import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import type { CellPool } from '../cells/cell-pools.js';
import type { ContextSubject } from '../context-token.js';
import { cleanAndForget, cleanConnection } from './cleaning.js';
import { ClinicStatement } from './clinic-statement.js';

const ENTER = { name: 'ringfence_enter', text: 'SELECT ringfence.enter($1)' } as const;

/** How a transaction begins. */
export interface Entry {
  readonly subject: ContextSubject;
  /** It only reads, and the server sees to that. */
  readonly readOnly?: boolean;
}

/**
 * Begins a transaction in a clinic's context, in one round trip. Behind a pooler that gives out servers by
 * transaction the server's process is known, and can be cleaned, only once it has begun: two.
 */
export const enter = async (client: pg.Client, cell: CellPool, entry: Entry): Promise<void> => {
  const { subject, readOnly = false } = entry;
  if (cell.pooler === 'transaction') {
    await client.query(ENTER.text, [cell.signer.sign(subject, await begin(client, cell, { readOnly }))]);
    return;
  }
  const values = [cell.signer.sign(subject, processOf(client))];
  await together(client, () => [client.query(beginning(readOnly)), client.query({ ...ENTER, values })]);
};

const beginning = (readOnly: boolean): string => (readOnly ? 'BEGIN READ ONLY' : 'BEGIN');

/** Says whether `enter` is prepared on the connection. It is after the first entering. */
export const hasPreparedEnter = (client: pg.Client): boolean =>
  ENTER.name in (client.connection as unknown as { parsedStatements: object }).parsedStatements;

/**
 * Runs one statement in a clinic's context, in a transaction that ends with it. Not behind a pooler that gives out
 * servers by transaction, and only where `enter` is prepared.
 */
export const runEntered = (
  client: pg.Client,
  cell: CellPool,
  subject: ContextSubject,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    const token = cell.signer.sign(subject, processOf(client));
    const done = (error: Error | null, result: pg.QueryResult): void =>
      error ? reject(error) : resolve(result);
    client.query(
      new ClinicStatement({ name: ENTER.name, token }, statement, done) as unknown as pg.Submittable,
    );
  });

/** Begins a transaction without entering a clinic. @returns the server's process, which context tokens are for. */
export const begin = async (
  client: pg.Client,
  cell: CellPool,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<number> => {
  if (cell.pooler !== 'transaction') {
    await client.query(beginning(readOnly));
    return processOf(client);
  }
  const [, , { rows }] = await together(client, () => [
    client.query(beginning(readOnly)),
    client.query(cleanAndForget()),
    client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'),
  ]);
  return rows[0]?.pid ?? 0;
};

const processOf = (client: pg.Client): number => (client as unknown as { processID: number }).processID;

/** The end of a transaction, and the moment from which the connection is clean for the next one. */
export interface Ending {
  /** @throws what the database refused the commit for; nothing was saved then. */
  readonly ended: Promise<void>;
  readonly cleaned: Promise<unknown>;
}

/** Commits or rolls back and cleans, in one packet. */
export const leave = (
  client: pg.Client,
  cell: CellPool,
  end: 'COMMIT' | 'ROLLBACK',
  timeoutMs: number,
): Ending => {
  const { stream } = client.connection;
  stream.cork();
  const ended = finish(client, end, timeoutMs);
  const cleaned = cell.pooler === 'transaction' ? ended : cleaning(client);
  stream.uncork();
  cleaned.catch(() => undefined);
  return { ended, cleaned };
};

/** Cleans a connection that no transaction is open on. Its failure shows in what comes after. */
export const cleaning = (client: pg.Client): Promise<unknown> => {
  const cleaned = client.query(cleanConnection());
  cleaned.catch(() => undefined);
  return cleaned;
};

const finish = async (client: pg.Client, end: 'COMMIT' | 'ROLLBACK', timeoutMs: number): Promise<void> => {
  let command: string;
  try {
    ({ command } = await client.query({ text: end, query_timeout: timeoutMs } as pg.QueryConfig));
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error;
    throw new RingfenceError('timeout', `the database did not confirm the ${end}`, {
      fix: 'look whether it was saved before you try again',
    });
  }
  if (command === end) return;
  // The server rolls back where a statement failed and nobody looked at its error.
  throw new RingfenceError('database_refused', 'nothing was saved: a statement of this run had failed', {
    fix: 'wait for every statement and let its error leave the run',
  });
};

/** Sends statements in one packet and waits for all of them. @throws the first one's error. */
const together = async <Sent extends readonly Promise<unknown>[]>(
  client: pg.Client,
  send: () => readonly [...Sent],
): Promise<{ -readonly [key in keyof Sent]: Awaited<Sent[key]> }> => {
  client.connection.stream.cork();
  const sent = send();
  client.connection.stream.uncork();
  await Promise.allSettled(sent);
  return Promise.all(sent);
};
