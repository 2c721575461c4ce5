import { BoundedMap } from './bounded-map.js';

const KEPT_MAX = 5_000;
/** A header may have 128 KB, and all tenants share the memory of an isolate. */
const KEPT_CHARACTERS = 4_096;
/** Applications take any space between the scheme and the token. */
const BEARER = /^\s*bearer\s+(\S+)/i;
const kept = new BoundedMap<string, string>(KEPT_MAX);

/**
 * A name for the user of a request, from which nobody learns who it is: SHA-256 of the token's issuer and subject, or of the
 * whole token where it is no JWT. The token is not verified here; the application of the cell does that. Undefined without one.
 */
export const userOf = (headers: Headers): string | Promise<string> | undefined => {
  const [, token] = BEARER.exec(headers.get('authorization') ?? '') ?? [];
  if (token === undefined) return undefined;
  return kept.get(token) ?? nameOf(token);
};

const nameOf = async (token: string): Promise<string> => {
  const bytes = new TextEncoder().encode(subjectOf(token) ?? token);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const name = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (token.length <= KEPT_CHARACTERS) kept.set(token, name);
  return name;
};

const subjectOf = (token: string): string | undefined => {
  try {
    const payload: unknown = JSON.parse(
      atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')),
    );
    if (typeof payload !== 'object' || payload === null || !('sub' in payload)) return undefined;
    return JSON.stringify(['iss' in payload ? payload.iss : null, payload.sub]);
  } catch {
    return undefined;
  }
};
