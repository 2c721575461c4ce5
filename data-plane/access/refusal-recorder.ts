import { withCellConnection } from './cells/cell-connection.js';
import type { CellPools } from './cells/cell-pools.js';
import { begin } from './context/session.js';
import type { Directory } from './directory/directory.js';
import type { RefusalHook, ReportedRefusal } from './refusal-reporter.js';

const TIME_LIMIT_MS = 5_000;

/**
 * Writes a refused attempt into the audit log of the clinic that was asked for, of a suspended one too: with the
 * service's token, in a transaction of its own. One after the other, so that a flood of refusals takes one connection;
 * the database keeps 60 a minute and clinic.
 */
export const refusalRecorder = (directory: Directory, pools: CellPools): RefusalRecorder => {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    record: (refusal) => {
      if (closed) return;
      const recorded = last.then(() => record(directory, pools, refusal));
      last = recorded.catch(() => undefined);
      return recorded;
    },
    close: async () => {
      closed = true;
      await last;
    },
  };
};

interface RefusalRecorder {
  readonly record: RefusalHook;
  /** Waits for what is being written, and takes nothing more. */
  close(): Promise<void>;
}

const record = async (
  directory: Directory,
  pools: CellPools,
  { clinicId, reason, userId }: ReportedRefusal,
): Promise<void> => {
  const located = clinicId === null ? undefined : await directory.locate(clinicId);
  if (!located) return;
  const { tenantId, clinicId: clinic } = located;
  const cell = pools.of(located);
  const limits = { timeoutMs: TIME_LIMIT_MS, signal: undefined };
  // A turn of its own: who is refused takes no turn from those who are let in.
  await withCellConnection(cell, `refusals ${tenantId}`, limits, async ({ client, commit }) => {
    const token = cell.signer.sign({ tenantId, clinicId: clinic }, await begin(client, cell));
    const actor = userId === null ? 'unknown' : `user:${userId}`;
    await client.query('SELECT ringfence.record_refusal($1, $2, $3)', [token, reason, actor]);
    await commit().ended;
  });
};
