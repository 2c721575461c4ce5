import { type ErrorCode, RingfenceError } from '../../../core/errors.js';
import { tokenRefused } from '../refusals/refusal.js';

/** The HTTP answer to a refusal: `{"error": {"code": "...", "message": "..."}}`. It never says why a token was refused. */
export interface RefusalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: Readonly<Record<string, unknown>> & { code: string; message: string } };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  token_refused: 401,
  access_refused: 403,
  not_permitted: 403,
  subscription_read_only: 403,
  envelope_refused: 403,
  clinic_not_found: 404,
  clinic_inactive: 423,
  customer_key_closed: 423,
  quota_exceeded: 429,
  cancelled: 499,
  database_unavailable: 503,
  identity_unavailable: 503,
  kms_unavailable: 503,
  timeout: 504,
};

/** The response to an error that left `access.run`. Any other error is a plain 500 without its message. */
export const refusalResponse = (error: unknown): RefusalResponse => {
  const status = error instanceof RingfenceError ? STATUS[error.code] : undefined;
  if (!(error instanceof RingfenceError) || status === undefined) {
    const body = { error: { code: 'internal', message: 'the request could not be served' } };
    return { status: 500, headers: {}, body };
  }
  const quota = error.quota ? { quota: error.quota } : {};
  return {
    status,
    headers: {
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 429 || status === 503 ? { 'retry-after': '5' } : {}),
    },
    body: { error: { code: error.code, message: error.message, ...quota } },
  };
};

const BEARER = /^Bearer +([^\s,]+)$/i;

/** The token of an Authorization header (RFC 6750, 2.1); tokens in URLs and bodies end in logs, so none is read there. */
export const bearerToken = (authorization: string | null | undefined): string => {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) throw tokenRefused('token_missing');
  return token;
};
