import { createHash } from 'node:crypto';
import type { VerifiedToken } from './claims.js';
import { CLOCK_TOLERANCE_SECONDS } from './verify-token.js';

const KEPT_MS = 30_000;
const KEPT_TOKENS = 10_000;

/**
 * Keeps what a token said for 30 seconds, never beyond its expiry, so that a signature is verified once for many
 * requests. Refusals are not kept. A key that the identity provider withdraws works on for those 30 seconds.
 */
export const rememberTokens = (
  verify: (token: string) => Promise<VerifiedToken>,
  now: () => Date,
): ((token: string) => Promise<VerifiedToken>) => {
  const kept = new Map<string, { verified: VerifiedToken; untilMs: number }>();
  return async (token) => {
    const name = createHash('sha256').update(token).digest('base64');
    const known = kept.get(name);
    if (known && known.untilMs > now().getTime()) return known.verified;
    const verified = await verify(token);
    if (kept.size >= KEPT_TOKENS) kept.clear();
    const expiresMs = (verified.expiresAtSeconds + CLOCK_TOLERANCE_SECONDS) * 1_000;
    kept.set(name, { verified, untilMs: Math.min(now().getTime() + KEPT_MS, expiresMs) });
    return verified;
  };
};
