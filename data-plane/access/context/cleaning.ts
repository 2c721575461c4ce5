import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sql = (name: string): string => readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8');

const CLEAN = sql('clean-connection');
const FORGET = sql('forget-statements');
const SEEDS = 2 ** 47;

/**
 * All of DISCARD ALL but its DISCARD PLANS (plans hold no rows, and theirs read the clinic anew: the functions are
 * STABLE), advisory locks, which the application's role cannot take, and DEALLOCATE ALL: `enter` stays prepared, and no
 * run can prepare or forget a statement. And a seed that nobody knows, which DISCARD ALL leaves: whoever called setseed
 * would know every random() of the next one.
 */
export const cleanConnection = (): string => `${CLEAN}SET seed TO ${(randomInt(SEEDS) / SEEDS).toFixed(15)};`;

/** The same for a connection that others have used: behind a pooler. */
export const cleanAndForget = (): string => cleanConnection() + FORGET;

/** Functions that set a setting, or run SQL that they are given; and names in which escapes hide one of them. */
const SETS = /set_config|_to_xml|ts_stat|ts_rewrite|u&"/i;

/**
 * Whether a statement may leave names of settings on its connection. Postgres keeps every name with a dot that was ever
 * set, at RESET ALL too: the next one sees which there were, and 400,000 of them hold 160 MB. Only closing frees them.
 */
export const mayLeaveSettings = (text: string): boolean => SETS.test(text);
