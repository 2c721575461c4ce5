import { tokenRefused } from '../refusals/refusal.js';

const PART = /^[A-Za-z0-9_-]+$/;
const KEY_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** Everything else (jku, jwk, x5u, x5c, crit, b64, cty, zip, enc...) asks the verifier to do what we never do. */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/**
 * Checks the form of a JWS in compact serialisation (RFC 7515, 7.1) before anything is believed: three canonical
 * base64url parts, JSON objects without duplicate names, and a header of `alg`, `typ` and at most `kid`.
 * @returns the claims, not yet verified.
 * @throws AccessRefusal `token_refused`.
 */
export const readCompactForm = (token: string, maxBytes: number): Readonly<Record<string, unknown>> => {
  if (token === '') throw tokenRefused('token_missing');
  if (token.length > maxBytes) throw tokenRefused('token_oversized');
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined)
    throw tokenRefused('token_malformed');
  if (!parts.every(isCanonical)) throw tokenRefused('token_malformed');
  checkHeader(readObject(header));
  return readObject(payload);
};

/** Base64url without padding in which the unused last bits are zero: one text for one sequence of bytes. */
const isCanonical = (part: string): boolean =>
  PART.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;

const readObject = (part: string): Record<string, unknown> => {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'));
    value = JSON.parse(text);
  } catch (cause) {
    throw tokenRefused('token_malformed', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw tokenRefused('token_malformed');
  if (hasDuplicateNames(text)) throw tokenRefused('token_malformed');
  return value as Record<string, unknown>;
};

const checkHeader = (header: Record<string, unknown>): void => {
  if (!Object.keys(header).every((name) => HEADER_MEMBERS.has(name))) throw tokenRefused('token_header');
  const { kid } = header;
  if (kid !== undefined && (typeof kid !== 'string' || !KEY_ID.test(kid))) throw tokenRefused('token_header');
};

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Whether an object anywhere in `json`, which is valid JSON, names a member twice. RFC 8259 leaves open which one
 * counts, so two parsers may read two clinics out of one token. Names are compared unescaped: `"\u0061"` is `"a"`.
 */
const hasDuplicateNames = (json: string): boolean => {
  const enclosing: Set<string>[] = [];
  let previous = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') enclosing.push(new Set());
    else if (token === '}' || token === ']') enclosing.pop();
    else if (token === ':') {
      const name = JSON.parse(previous) as string;
      const names = enclosing.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
    previous = token;
  }
  return false;
};
