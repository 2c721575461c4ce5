import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { RingfenceError } from '../../../core/errors.js';

const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The identity provider's public keys: a JWKS (RFC 7517), or where to fetch one. A fetched set is kept for ten
 * minutes; a key that it lacks leads to one fetch in 30 seconds at most, also while the fetches fail.
 * @throws RingfenceError `config_invalid` for a private or symmetric key, or a URL that is not https.
 */
export const keySet = (keys: JSONWebKeySet | URL, now: () => Date): JWTVerifyGetKey => {
  if (!(keys instanceof URL)) {
    if (keys.keys.some((key) => key.kty === 'oct' || 'd' in key || 'k' in key))
      throw invalid('the key set holds a private or symmetric key', 'give the public keys only');
    return createLocalJWKSet(keys);
  }
  if (keys.protocol !== 'https:' && !LOOPBACK.has(keys.hostname))
    throw invalid('the key set is fetched without TLS', 'use an https URL');
  return createRemoteJWKSet(keys, {
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: pausingFetch(now),
  });
};

/** jose waits between fetches that succeed; this waits after one that failed. */
const pausingFetch = (now: () => Date): FetchImplementation => {
  let pauseUntilMs = 0;
  return async (url, options) => {
    if (now().getTime() < pauseUntilMs) throw new Error('the key set could not be fetched a moment ago');
    const pause = (): void => {
      pauseUntilMs = now().getTime() + COOLDOWN_MS / 6;
    };
    const response = await fetch(url, options).catch((error: unknown) => {
      pause();
      throw error;
    });
    if (!response.ok) pause();
    return response;
  };
};

const invalid = (message: string, fix: string): RingfenceError =>
  new RingfenceError('config_invalid', message, { fix });
