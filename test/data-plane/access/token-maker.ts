import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';

export const ISSUER = 'https://id.example';
export const AUDIENCE = 'https://clinic.example';
const KEY_ID = 'key-1';

export type Json = Readonly<Record<string, unknown>>;

/** An identity provider with one ES256 and one RS256 key. */
export const identityProvider = (now: () => Date = () => new Date()) => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = (key: KeyObject, kid: string, alg: string): JWK => ({
    ...(key.export({ format: 'jwk' }) as JWK),
    kid,
    alg,
    use: 'sig',
  });
  const keys: JSONWebKeySet = {
    keys: [jwk(ec.publicKey, KEY_ID, 'ES256'), jwk(rsa.publicKey, 'key-rsa', 'RS256')],
  };
  const nowSeconds = (): number => Math.floor(now().getTime() / 1_000);
  const header = { alg: 'ES256', typ: 'at+jwt', kid: KEY_ID };
  const claims = (clinicId: string, changes: Json = {}): Json => ({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: randomUUID(),
    clinic_id: clinicId,
    iat: nowSeconds(),
    exp: nowSeconds() + 300,
    ...changes,
  });
  return {
    ec,
    rsa,
    keys,
    nowSeconds,
    header,
    claims,
    /** A sound token, but for what `changes` and `headerChanges` say. */
    token: (clinicId: string, changes: Json = {}, headerChanges: Json = {}): string =>
      signCompact({ ...header, ...headerChanges }, claims(clinicId, changes), ec.privateKey),
  };
};

export const encode = (value: Json | string | Buffer): string =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

/** Signs any header and payload, as text or object, with an EC or RSA key and SHA-256. */
export const signCompact = (header: Json | string, payload: Json | string, key: KeyObject): string => {
  const body = `${encode(header)}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
  return `${body}.${encode(signature)}`;
};

export const hmacCompact = (
  header: Json,
  payload: Json,
  secret: string | Buffer,
  hash = 'sha256',
): string => {
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${encode(createHmac(hash, secret).update(body).digest())}`;
};

/** A claim or header member that must not be there at all. */
export const without = (object: Json, name: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([known]) => known !== name));
