import { type Action, VISIT_STATUSES } from '../../../core/permissions.js';
import type { ScopedClient } from '../context/scoped-client.js';
import type { SealedColumn } from './sealed-columns.js';

/** The rows whose sealed columns the user of a run may read in clear. */
export interface ReadPermission {
  ever(column: SealedColumn): Promise<boolean>;
  /** @returns those of these ids whose column may be read now. */
  readable(column: SealedColumn, rowIds: readonly string[]): Promise<ReadonlySet<string>>;
}

interface Answer {
  readonly ever: boolean;
  /** Whatever the status of a visit is. */
  readonly always: boolean;
}

/** Asks the database's permission matrix: once a run for what does not depend on a visit. */
export const readPermission = (client: ScopedClient): ReadPermission => {
  const asked = new Map<Action, Promise<Answer>>();
  const may = (action: Action): Promise<Answer> => {
    const answer =
      asked.get(action) ??
      client.query<Answer>(MAY, [action, VISIT_STATUSES]).then(({ rows }) => rows[0] as Answer);
    asked.set(action, answer);
    // A nested run that failed says nothing about what comes after it.
    answer.catch(() => asked.delete(action));
    return answer;
  };
  return {
    ever: async ({ readAction }) => readAction === undefined || (await may(readAction)).ever,
    readable: async ({ readAction, visitOf }, rowIds) => {
      if (readAction === undefined) return new Set(rowIds);
      const { ever, always } = await may(readAction);
      if (!ever) return new Set();
      if (always || visitOf === undefined || rowIds.length === 0) return new Set(rowIds);
      const { rows } = await client.query<{ id: string }>(READABLE, [readAction, visitOf, rowIds]);
      return new Set(rows.map(({ id }) => id));
    },
  };
};

const MAY = `SELECT ringfence.can($1) AS ever, bool_and(ringfence.can($1, status)) AS always
  FROM unnest($2::text[]) AS status`;

const READABLE = 'SELECT id::text FROM clinical.openable($1, $2, $3::uuid[]) AS id';
