import { readFileSync } from 'node:fs';

const sql = (name: string): string => readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8');

/**
 * All of DISCARD ALL but its DISCARD PLANS (plans hold no rows, and theirs read the clinic anew: the functions are
 * STABLE), advisory locks, which the application's role cannot take, and DEALLOCATE ALL: `enter` stays prepared, and a
 * connection on which a run prepared or forgot a statement is closed (isolation.md 10, 11).
 */
export const CLEAN = sql('clean-connection');

/** The same for a connection that others have used: behind a pooler, and where one that prepared something is kept. */
export const CLEAN_AND_FORGET = CLEAN + sql('forget-statements');
