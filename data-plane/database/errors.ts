import pg from 'pg';
import { type ErrorCode, type QuotaRefusal, RingfenceError } from '../../core/errors.js';

interface ForeignError {
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly detail?: string;
}

/** SQLSTATEs of our own functions (migrations 0003, 0004, 0012 and 0017). */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  RF001: 'clinic_inactive',
  RF002: 'access_refused',
  RF003: 'subscription_read_only',
  RF004: 'not_permitted',
  RF005: 'quota_exceeded',
  RF006: 'access_refused',
  RF007: 'database_unavailable',
  RF008: 'tenant_moving',
  RF009: 'move_superseded',
  RF010: 'schema_locked',
  RF012: 'move_failed',
};

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
]);
const CONNECTION_LOST =
  /Connection terminated|Client has encountered a connection error|not queryable|timeout exceeded when trying to connect|timeout expired|Client was closed/;
/**
 * Node's codes for a refused certificate: UNABLE_TO_VERIFY_LEAF_SIGNATURE, SELF_SIGNED_CERT_IN_CHAIN,
 * ERR_TLS_CERT_ALTNAME_INVALID, ...
 */
const UNTRUSTED = /^(?:UNABLE_TO_|ERR_TLS_CERT|CERT_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;
const START_SERVER = 'bring it up again with `ringfence cells up`, which says so when anything is lost';

/**
 * Translates an error of `pg` at the edge of the data plane. DETAIL and the server's text may show rows of
 * another clinic (docs/threats.md 9), so only the SQLSTATE and messages of our own functions pass.
 */
export const translateDatabaseError = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const { code = '', message = '', hint, detail } = (error ?? {}) as ForeignError;
  const refusal = REFUSALS[code];
  if (refusal) {
    return new RingfenceError(refusal, message, {
      ...(hint ? { fix: hint } : {}),
      ...(refusal === 'quota_exceeded' ? { quota: JSON.parse(detail ?? 'null') as QuotaRefusal } : {}),
      cause: error,
    });
  }
  if (CONNECTION_LOST.test(message) || UNREACHABLE.has(code)) {
    return new RingfenceError('database_unavailable', 'the database does not answer', {
      fix: START_SERVER,
      cause: error,
    });
  }
  if (UNTRUSTED.test(code)) {
    return new RingfenceError(
      'database_auth_failed',
      `the certificate of the database is not trusted (${code})`,
      {
        fix: 'name the file of its authorities with --ca-file, and with it where the cell lives: `ringfence cells up --help`',
        cause: error,
      },
    );
  }
  switch (code) {
    case '28P01':
    case '28000':
      return new RingfenceError('database_auth_failed', 'the database refused the login', {
        fix: 'the credentials do not belong to this server: restore server.json from its copy; where a provider keeps the password, see to it that it keeps the one of today',
        cause: error,
      });
    case '53100':
      return new RingfenceError('disk_full', 'the disk of the database is full', {
        fix: 'free some space and run the command again',
        cause: error,
      });
    case '53300':
      return new RingfenceError('database_unavailable', 'the database has no connection left', {
        fix: 'close idle connections or try again shortly',
        cause: error,
      });
    case '57014':
      return new RingfenceError('timeout', 'the database gave up a statement that ran too long', {
        cause: error,
      });
    case '3D000':
      return new RingfenceError('database_unavailable', 'the database of this cell does not exist yet', {
        fix: 'bring the cell up with `ringfence cells up`',
        cause: error,
      });
  }
  const ours = /^ringfence: /.test(message) ? message : undefined;
  return new RingfenceError(
    'database_refused',
    ours ?? `the database refused a statement (SQLSTATE ${code || 'none'})`,
    {
      ...(ours && hint ? { fix: hint } : {}),
      cause: error,
    },
  );
};

/** Translates what `pg` threw, and passes on everything else, so that a boundary may see any error. */
export const translateIfDatabaseError = (error: unknown): unknown => {
  const { code, message = '' } = (error ?? {}) as ForeignError;
  const fromDatabase =
    error instanceof pg.DatabaseError ||
    CONNECTION_LOST.test(message) ||
    (code !== undefined && UNREACHABLE.has(code));
  return fromDatabase ? translateDatabaseError(error) : error;
};

/** Whether a tenant could not be entered because it moves. */
export const isMoving = (error: unknown): boolean =>
  error instanceof RingfenceError && error.code === 'tenant_moving';
