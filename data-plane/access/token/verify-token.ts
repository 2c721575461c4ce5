import { errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { RingfenceError } from '../../../core/errors.js';
import { type RefusalReason, tokenRefused } from '../refusals/refusal.js';
import { readClaims, type VerifiedToken } from './claims.js';
import { readCompactForm } from './compact-form.js';
import { keySet } from './key-set.js';

/** Signature algorithms with a public key (RFC 7518, 8037). Those with a shared secret are not offered. */
export const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** The rules for a token (docs/threats.md 20). */
export interface TokenRules {
  /** The identity provider's public keys, or the https URL of its JWKS. */
  readonly keys: JSONWebKeySet | URL;
  readonly issuer: string;
  readonly audience: string;
  /** Default: all of ALGORITHMS. */
  readonly algorithms?: readonly Algorithm[];
  /** The header's `typ`; default `at+jwt` (RFC 9068). An id token is `JWT`, and opens nothing. */
  readonly type?: string;
  /** Longest time from `iat` to `exp`. Default one hour. */
  readonly maxLifetimeSeconds?: number;
  /** Default 4,096. */
  readonly maxTokenBytes?: number;
}

export const CLOCK_TOLERANCE_SECONDS = 5;

const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'iat', 'exp', 'clinic_id'];

/**
 * Verifies bearer tokens.
 * @returns a function that gives what a token says, or throws AccessRefusal `token_refused`, or RingfenceError
 *   `identity_unavailable` when the keys cannot be fetched.
 */
export const tokenVerifier = (
  rules: TokenRules,
  now: () => Date,
): ((token: string) => Promise<VerifiedToken>) => {
  const resolveKey = keySet(rules.keys, now);
  const algorithms = [...(rules.algorithms ?? ALGORITHMS)];
  if (algorithms.length === 0 || !algorithms.every((name) => ALGORITHMS.includes(name))) {
    throw new RingfenceError('config_invalid', 'an algorithm is not one with a public key', {
      fix: `choose from ${ALGORITHMS.join(', ')}`,
    });
  }
  const maxLifetimeSeconds = rules.maxLifetimeSeconds ?? 3_600;

  return async (token) => {
    const claimed = readCompactForm(token, rules.maxTokenBytes ?? 4_096);
    // Before the signature, so that what no rule allows costs no fetch of keys.
    const { issuedAtSeconds, expiresAtSeconds } = readClaims(claimed);
    if (expiresAtSeconds - issuedAtSeconds > maxLifetimeSeconds) throw tokenRefused('token_lifetime');
    try {
      const { payload } = await jwtVerify(token, resolveKey, {
        algorithms,
        issuer: rules.issuer,
        audience: rules.audience,
        typ: rules.type ?? 'at+jwt',
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        maxTokenAge: maxLifetimeSeconds,
        requiredClaims: REQUIRED_CLAIMS,
        currentDate: now(),
      });
      return readClaims(payload);
    } catch (error) {
      throw translate(error);
    }
  };
};

const BY_CLAIM: Readonly<Record<string, RefusalReason>> = {
  iss: 'token_issuer',
  aud: 'token_audience',
  typ: 'token_type',
  nbf: 'token_not_yet_valid',
  iat: 'token_not_yet_valid',
  exp: 'token_expired',
};
const BY_CODE: Readonly<Record<string, RefusalReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'token_algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'token_algorithm',
  ERR_JWKS_NO_MATCHING_KEY: 'token_key_unknown',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'token_key_unknown',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'token_signature',
  ERR_JWS_INVALID: 'token_malformed',
  ERR_JWT_INVALID: 'token_malformed',
};

const translate = (error: unknown): unknown => {
  if (error instanceof RingfenceError) return error;
  if (error instanceof errors.JWTExpired) return tokenRefused('token_expired', error);
  if (error instanceof errors.JWTClaimValidationFailed)
    return tokenRefused(BY_CLAIM[error.claim] ?? 'token_claims', error);
  const reason = error instanceof errors.JOSEError ? BY_CODE[error.code] : undefined;
  if (reason !== undefined) return tokenRefused(reason, error);
  return new RingfenceError('identity_unavailable', 'the keys of the identity provider cannot be fetched', {
    fix: 'check the URL of its JWKS; requests are refused until it answers',
    cause: error,
  });
};
