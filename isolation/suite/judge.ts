import type { Attempted } from '../attempt.js';
import type { Outcome } from './case.js';

export const held = (cameBack: string): Outcome => ({ verdict: 'held', cameBack });
export const leaked = (cameBack: string): Outcome => ({ verdict: 'leaked', cameBack });
export const unproven = (cameBack: string): Outcome => ({ verdict: 'unproven', cameBack });

/**
 * Judges an attempt that a sound cell refuses. Only 42501 is a refusal, and SQLSTATEs that the case names. Postgres
 * applies policies to a row before its constraints, so a violated constraint means that the policy let it pass.
 */
export const judgeRefusal = ({ sqlstate }: Attempted, accepted: readonly string[] = []): Outcome => {
  if (sqlstate === undefined) return leaked('it was let through');
  if (sqlstate === '42501' || accepted.includes(sqlstate)) return held(`refused (SQLSTATE ${sqlstate})`);
  if (sqlstate.startsWith('23')) return leaked(`stopped by a constraint only (SQLSTATE ${sqlstate})`);
  return unproven(`ended with SQLSTATE ${sqlstate}, which is no refusal`);
};

/** Judges an attempt that a sound cell answers with no row, or refuses. */
export const judgeNoRows = (
  reached: { readonly rows: number; readonly sqlstate?: undefined } | { readonly sqlstate: string },
): Outcome => {
  if (reached.sqlstate === undefined)
    return reached.rows === 0 ? held('no row') : leaked(`${countRows(reached.rows)} of another clinic`);
  if (reached.sqlstate === '42501') return held('refused (SQLSTATE 42501)');
  return unproven(`ended with SQLSTATE ${reached.sqlstate}, which is no refusal`);
};

export const countRows = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;
