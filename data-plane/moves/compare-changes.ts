import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { awaitMarker, dropMarker, writeMarker } from './fence.js';
import type { MoveRun } from './move-run.js';

/** How far the two ends were compared while the source is written to. */
export interface Compared {
  /** The last event of the audit chain that was found equal. */
  readonly seen: number;
  /** Whether the audit chain after `seen` is the same at both ends: nothing changes in a chain, so one that is not will never be. */
  readonly isChainEqual: boolean;
  /** Rows whose comparison has to be done again, because they have changed meanwhile, or differ. */
  readonly left: number;
}

/**
 * Compares what has changed at the source, so that little is left to compare behind the fence. What is equal once a marker has
 * arrived is done with: a later change of the same row is noted anew. What is not equal may have changed again, and stays.
 * @returns undefined where the stream did not bring the marker within `waitMs`: it is behind, or broken.
 */
export const compareChanges = async (
  source: pg.ClientBase,
  destination: pg.ClientBase,
  run: MoveRun,
  { seen, waitMs }: { readonly seen: number; readonly waitMs: number },
): Promise<Compared | undefined> => {
  const changes = await readChanges(source, run, seen);
  const marker = randomUUID();
  await writeMarker(source, run, marker);
  if (!(await awaitMarker(destination, run, marker, waitMs))) return undefined;
  await dropMarker(source, run, marker);
  const { rows } = await destination.query<{ differs: string[] }>(
    'SELECT ringfence_private.differing($1, $2) AS differs',
    [run.tenantId, changes.text],
  );
  const differs = rows[0]?.differs ?? [];
  await source.query(
    'DELETE FROM ringfence_private.changed_keys WHERE tenant_id = $1 AND seq = ANY ($2) AND relation <> ALL ($3)',
    [run.tenantId, changes.noted, differs],
  );
  const { rows: kept } = await source.query<{ left: number }>(
    'SELECT count(*)::int AS left FROM ringfence_private.changed_keys WHERE tenant_id = $1',
    [run.tenantId],
  );
  const isChainEqual = !differs.includes(AUDIT_LOG);
  return { seen: isChainEqual ? changes.seq : seen, isChainEqual, left: kept[0]?.left ?? 0 };
};

const AUDIT_LOG = 'clinical.audit_events';

interface Changes {
  /** JSON of Postgres: JavaScript would round what numbers are in its keys. */
  readonly text: string;
  /** The last event of the audit chain. */
  readonly seq: number;
  /** Numbers of the notes that it is made of. */
  readonly noted: readonly string[];
}

const readChanges = async (source: pg.ClientBase, { tenantId }: MoveRun, seen: number): Promise<Changes> => {
  const { rows } = await source.query<Changes>(
    `SELECT c::text AS text, (c ->> 'seq')::float8 AS seq, p::text[] AS noted
       FROM ringfence_private.portion_of_changes($1) p, ringfence_private.changes($1, $2, p) c`,
    [tenantId, seen],
  );
  return rows[0] as Changes;
};
