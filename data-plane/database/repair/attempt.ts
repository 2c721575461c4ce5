import pg from 'pg';
import { isLocked } from '../definition-change.js';

/** A repair's transaction. */
export interface RepairRun {
  readonly client: pg.Client;
  /** A lock that is not to be had is a failure like others; before the last try it stops the transaction. */
  readonly isLastTry: boolean;
}

/** The reason of a failure. */
export interface Failure {
  readonly sqlState: string;
  readonly isLocked?: boolean;
  /** The objects that the change would have dropped. */
  readonly dependents?: readonly string[];
}

/** Runs statements one after the other, leaving out those that are missing. */
export const execute = async (
  client: pg.Client,
  ...statements: readonly (string | null)[]
): Promise<undefined> => {
  for (const statement of statements) if (statement) await client.query(statement);
  return undefined;
};

/** Once one lock was not to be had, others are not waited for as long: what is locked already keeps everybody else out. */
const NEXT_LOCK_TIMEOUT_MS = 100;

/**
 * Runs `work` in a subtransaction.
 * @param work may return a failure of its own.
 * @returns what stopped it; nothing of it is left then.
 * @throws what is no refusal of the database.
 */
export const attempt = async (
  { client, isLastTry }: RepairRun,
  work: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> => {
  await client.query('SAVEPOINT attempt');
  const failure = await work().catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError) || (isLocked(error) && !isLastTry)) throw error;
    return { sqlState: error.code ?? '', isLocked: isLocked(error) };
  });
  await client.query(failure ? 'ROLLBACK TO attempt; RELEASE attempt' : 'RELEASE attempt');
  if (failure?.isLocked) await client.query(`SET LOCAL lock_timeout = ${NEXT_LOCK_TIMEOUT_MS}`);
  return failure;
};
