import { readFileSync } from 'node:fs';
import type pg from 'pg';

const SLOT_BLOCKERS = readFileSync(new URL('./queries/slot-blockers.sql', import.meta.url), 'utf8');

interface Blocker {
  /** null for a prepared transaction. */
  readonly pid: number | null;
  readonly login: string;
  readonly application: string | null;
  /** The name by which it was prepared. */
  readonly prepared: string | null;
  readonly database: string | null;
  readonly since: string;
  readonly tenant: string | null;
}

/** The oldest transactions that a new slot would wait for, in words. */
export const describeSlotBlockers = async (client: pg.ClientBase): Promise<string> => {
  const { rows } = await client.query<Blocker>(SLOT_BLOCKERS);
  return rows.map(describe).join('; ') || 'a transaction that has ended by now';
};

const describe = ({ pid, login, application, prepared, database, since, tenant }: Blocker): string => {
  const what = pid === null ? `prepared transaction ${JSON.stringify(prepared)}` : `process ${pid}`;
  const whose = [
    ...(tenant === null ? [] : [`in tenant ${tenant}`]),
    ...(application === null ? [] : [`application ${JSON.stringify(application)}`]),
    `database ${database}`,
  ];
  return `${what} of login ${login} (${whose.join(', ')}) since ${since}`;
};
