import pg from 'pg';
import { type ErrorCode, RingfenceError } from '../../../core/errors.js';
import { translateIfDatabaseError } from '../../database/errors.js';
import { AccessRefusal, type RefusalReason } from '../refusals/refusal.js';

/** A statement that the database refused: which rule, never which values (docs/threats.md 9). */
export class StatementRefused extends RingfenceError {
  /** Five characters, as in the appendix of the Postgres manual: `23505` is a duplicate key. */
  readonly sqlState: string;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(message: string, fix: string | undefined, error: pg.DatabaseError) {
    super('database_refused', message, fix === undefined ? {} : { fix });
    this.name = 'StatementRefused';
    this.sqlState = error.code ?? '';
    this.table = error.table;
    this.column = error.column;
    this.constraint = error.constraint;
  }
}

/** SQLSTATE of enter for support that the clinic was not told of. */
const UNANNOUNCED = 'RF006';

const REASONS: Partial<Record<ErrorCode, RefusalReason>> = {
  clinic_inactive: 'clinic_inactive',
  access_refused: 'user_not_assigned',
  not_permitted: 'not_permitted',
  subscription_read_only: 'subscription_read_only',
  quota_exceeded: 'quota_exceeded',
};

/**
 * Translates what `pg` threw inside a clinic; passes on anything else. Neither the server's text nor its DETAIL stays
 * in the error or as its cause, because loggers print causes.
 */
export const translateStatementError = (error: unknown): unknown => {
  const translated = translateIfDatabaseError(error);
  if (!(translated instanceof RingfenceError) || translated === error) return translated;
  const { code, message, fix, quota } = translated;
  const reason = (error as { code?: unknown }).code === UNANNOUNCED ? 'support_unannounced' : REASONS[code];
  const words = fix === undefined ? {} : { fix };
  if (reason) return new AccessRefusal(code, reason, message, { ...words, ...(quota ? { quota } : {}) });
  if (code === 'database_refused' && error instanceof pg.DatabaseError)
    return new StatementRefused(message, fix, error);
  return new RingfenceError(code, message, words);
};
