import type pg from 'pg';

/** A defence of a cell that is otherwise than its release made it. */
export interface Difference {
  /** role, membership, setting, function, owner, row-level security, policy, trigger, event trigger, grant. */
  readonly kind: string;
  readonly object: string;
  /** `is missing`, `is another than in this release`, `is not of this release`. */
  readonly problem: string;
}

/** Makes every defence as the release made it. Without a difference nothing is locked. @returns what differed. */
export const restoreDefences = async (client: pg.ClientBase): Promise<Difference[]> =>
  (await client.query<Difference>('SELECT kind, object, problem FROM ringfence_private.restore_release()'))
    .rows;

/** Remembers the defences as they are now as those of the release. */
export const recordDefences = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SELECT ringfence_private.record_release()');
};
