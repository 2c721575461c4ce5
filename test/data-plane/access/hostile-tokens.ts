import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { AUDIENCE, encode, hmacCompact, type identityProvider, signCompact, without } from './token-maker.js';

type Provider = ReturnType<typeof identityProvider>;

/** Tokens that a careful verifier refuses, by what is wrong with each; `clinicId` is the clinic that is asked for. */
export const hostileTokens = async (
  idp: Provider,
  clinicId: string,
): Promise<readonly (readonly [string, string])[]> => {
  const { ec, rsa, header, token, claims, nowSeconds } = idp;
  const sound = claims(clinicId);
  const valid = token(clinicId);
  const [head = '', body = '', signature = ''] = valid.split('.');
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const attackerJwk = { ...attacker.publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'ES256' };
  const ecPem = ec.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const rsaPem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const signed = (headerOf: object | string, payload: object | string = sound): string =>
    signCompact(headerOf as never, payload as never, ec.privateKey);
  const withHeader = (changes: object): string => signed({ ...header, ...changes });
  const byAttacker = (changes: object): string =>
    signCompact({ ...header, ...changes }, sound, attacker.privateKey);
  const raw = JSON.stringify(sound);
  const encrypted = await new CompactEncrypt(Buffer.from(raw))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'at+jwt' })
    .encrypt(ec.publicKey);
  const lastCharacter = signature.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const nonCanonical = `${head}.${body}.${signature.slice(0, -1)}${alphabet[alphabet.indexOf(lastCharacter) + 1]}`;
  const hs = { ...header, alg: 'HS256' };

  return [
    // Algorithms.
    ['alg none, no signature', `${encode({ ...header, alg: 'none' })}.${body}.`],
    ['alg none, two parts', `${encode({ ...header, alg: 'none' })}.${body}`],
    ['alg none, the old signature', `${encode({ ...header, alg: 'none' })}.${body}.${signature}`],
    ['alg NoNe', `${encode({ ...header, alg: 'NoNe' })}.${body}.${signature}`],
    ['alg missing', signed(without(header, 'alg'))],
    ['alg null', withHeader({ alg: null })],
    ['alg as a list', withHeader({ alg: ['ES256'] })],
    ['alg in lower case', withHeader({ alg: 'es256' })],
    ['HS256 with the EC public key (PEM) as secret', hmacCompact(hs, sound, ecPem)],
    [
      'HS256 with the EC public key (JWK) as secret',
      hmacCompact(hs, sound, JSON.stringify(idp.keys.keys[0])),
    ],
    ['HS256 with the RSA public key as secret', hmacCompact({ ...hs, kid: 'key-rsa' }, sound, rsaPem)],
    [
      'HS512 with the RSA public key',
      hmacCompact({ ...hs, alg: 'HS512', kid: 'key-rsa' }, sound, rsaPem, 'sha512'),
    ],
    ['HS256 with an empty secret', hmacCompact(hs, sound, '')],
    ['RS256 claimed for the EC key', withHeader({ alg: 'RS256' })],
    ['ES256 claimed for the RSA key', signCompact({ ...header, kid: 'key-rsa' }, sound, rsa.privateKey)],
    [
      'ES384 signature of another curve',
      signCompact({ ...header, alg: 'ES384' }, sound, otherCurve.privateKey),
    ],
    ['P-384 signature claimed as ES256', signCompact(header, sound, otherCurve.privateKey)],
    ['a zero signature (psychic)', `${head}.${body}.${encode(Buffer.alloc(64))}`],
    ['a zero signature in DER', `${head}.${body}.${encode(Buffer.from('3006020100020100', 'hex'))}`],
    [
      'a signature of r = s = n',
      `${head}.${body}.${encode(Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex'))}`,
    ],
    // Keys named by the token.
    ['signed by a stranger', byAttacker({})],
    ['a stranger without kid', signCompact(without(header, 'kid'), sound, attacker.privateKey)],
    ['jwk in the header', byAttacker({ jwk: attackerJwk })],
    [
      'jwk in the header, no kid',
      signCompact({ alg: 'ES256', typ: 'at+jwt', jwk: attackerJwk }, sound, attacker.privateKey),
    ],
    ['jku in the header', byAttacker({ jku: 'https://attacker.example/jwks.json' })],
    ['jku on a sound token', withHeader({ jku: 'https://id.example/jwks.json' })],
    ['x5u in the header', byAttacker({ x5u: 'https://attacker.example/cert.pem' })],
    ['x5c in the header', byAttacker({ x5c: [Buffer.from('not a certificate').toString('base64')] })],
    ['x5t in the header', withHeader({ x5t: 'AAAA' })],
    ['kid that is a path', byAttacker({ kid: '../../../../dev/null' })],
    ['kid that is SQL', byAttacker({ kid: "' UNION SELECT 'key' --" })],
    ['kid that is a command', byAttacker({ kid: '|/usr/bin/id' })],
    ['kid that is a URL', byAttacker({ kid: 'https://attacker.example/key' })],
    ['kid that nobody has', byAttacker({ kid: 'key-999' })],
    ['kid as a number', withHeader({ kid: 1 })],
    ['kid as a list', withHeader({ kid: ['key-1'] })],
    ['kid empty', withHeader({ kid: '' })],
    ['kid __proto__', byAttacker({ kid: '__proto__' })],
    ['crit with b64 false', withHeader({ crit: ['b64'], b64: false })],
    ['b64 false without crit', withHeader({ b64: false })],
    ['crit with an unknown name', withHeader({ crit: ['exp'], exp: 1 })],
    ['crit empty', withHeader({ crit: [] })],
    ['zip in the header', withHeader({ zip: 'DEF' })],
    // Types.
    ['typ JWT: an id token', withHeader({ typ: 'JWT' })],
    ['typ missing', signed(without(header, 'typ'))],
    ['typ of a logout token', withHeader({ typ: 'logout+jwt' })],
    ['typ as a list', withHeader({ typ: ['at+jwt'] })],
    ['cty JWT: a nested token', withHeader({ cty: 'JWT' })],
    ['a token inside a token', signed(header, `"${valid}"`)],
    ['an encrypted token (JWE)', encrypted],
    // Time.
    ['exp missing', signed(header, without(sound, 'exp'))],
    ['exp null', token(clinicId, { exp: null })],
    ['exp as text', token(clinicId, { exp: String(nowSeconds() + 300) })],
    ['exp as a huge number', token(clinicId, { exp: 1e308 })],
    ['exp with a fraction', token(clinicId, { exp: nowSeconds() + 300.5 })],
    ['expired 6 seconds ago', token(clinicId, { iat: nowSeconds() - 306, exp: nowSeconds() - 6 })],
    [
      'expired a year ago',
      token(clinicId, { iat: nowSeconds() - 31_536_300, exp: nowSeconds() - 31_536_000 }),
    ],
    ['valid for a year', token(clinicId, { exp: nowSeconds() + 31_536_000 })],
    ['issued an hour and more ago', token(clinicId, { iat: nowSeconds() - 3_700, exp: nowSeconds() - 150 })],
    ['nbf 7 seconds ahead', token(clinicId, { nbf: nowSeconds() + 7 })],
    ['nbf as text', token(clinicId, { nbf: 'now' })],
    ['iat 7 seconds ahead', token(clinicId, { iat: nowSeconds() + 7 })],
    ['iat missing', signed(header, without(sound, 'iat'))],
    ['iat negative', token(clinicId, { iat: -1 })],
    // Who for.
    ['another issuer', token(clinicId, { iss: 'https://attacker.example' })],
    ['the issuer with a slash', token(clinicId, { iss: 'https://id.example/' })],
    ['issuer missing', signed(header, without(sound, 'iss'))],
    ['issuer as a list', token(clinicId, { iss: ['https://id.example'] })],
    ['another audience', token(clinicId, { aud: 'https://other.example' })],
    ['another audience in a list', token(clinicId, { aud: ['https://other.example'] })],
    ['our audience in a list with another', token(clinicId, { aud: [AUDIENCE, 'https://other.example'] })],
    ['audience missing', signed(header, without(sound, 'aud'))],
    ['audience empty', token(clinicId, { aud: '' })],
    // Who and where.
    ['another clinic', token(randomUUID())],
    ['no clinic', signed(header, without(sound, 'clinic_id'))],
    ['clinics as a list', token(clinicId, { clinic_id: [clinicId] })],
    ['clinics as a list with ours second', token(clinicId, { clinic_id: [randomUUID(), clinicId] })],
    ['clinic as an object', token(clinicId, { clinic_id: { eq: clinicId } })],
    ['clinic in upper case', token(clinicId.toUpperCase())],
    ['clinic with a wildcard', token('%')],
    ['clinic with a space', token(`${clinicId} `)],
    ['clinic twice, ours first', signed(header, `${raw.slice(0, -1)},"clinic_id":"${randomUUID()}"}`)],
    ['clinic twice, ours last', signed(header, `{"clinic_id":"${randomUUID()}",${raw.slice(1)}`)],
    ['clinic twice, once escaped', signed(header, `{"clinic\\u005fid":"${randomUUID()}",${raw.slice(1)}`)],
    ['exp twice', signed(header, `{"exp":1,${raw.slice(1)}`)],
    ['a nested name twice', signed(header, `{"act":{"sub":"a","sub":"b"},${raw.slice(1)}`)],
    ['alg twice in the header', signed(`{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"key-1"}`)],
    ['no user', signed(header, without(sound, 'sub'))],
    ['user as a list', token(clinicId, { sub: [randomUUID()] })],
    ['the nil user, which is the service', token(clinicId, { sub: '00000000-0000-0000-0000-000000000000' })],
    ['user that is no uuid', token(clinicId, { sub: 'admin' })],
    ['user that is SQL', token(clinicId, { sub: "' OR 1=1 --" })],
    ['amr as text', token(clinicId, { amr: 'mfa' })],
    ['auth_time as text', token(clinicId, { auth_time: '0' })],
    // Form.
    ['nothing', ''],
    ['one dot', '.'],
    ['three empty parts', '..'],
    ['signature cut off', `${head}.${body}.`],
    ['signature cut short', `${head}.${body}.${signature.slice(0, 40)}`],
    ['payload cut short', `${head}.${body.slice(0, -4)}.${signature}`],
    ['payload of another token', `${head}.${token(randomUUID()).split('.')[1]}.${signature}`],
    ['payload empty', signed(header, '{}')],
    ['payload a list', signed(header, '[]')],
    ['payload null', signed(header, 'null')],
    ['payload with a byte order mark', signed(header, `\ufeff${raw}`)],
    ['payload that is not UTF-8', `${head}.${encode(Buffer.from([0x7b, 0xff, 0x7d]))}.${signature}`],
    ['header a list', signed('[]')],
    ['four parts', `${valid}.${signature}`],
    ['with padding', `${head}.${body}.${signature}==`],
    ['with base64 instead of base64url', `${head}.${body}.${signature.slice(0, -1)}+`],
    ['with unused bits set', nonCanonical],
    ['with a space in front', ` ${valid}`],
    ['with a line break', `${valid}\n`],
    ['with a NUL', `${valid}\0`],
    ['two tokens', `${valid},${valid}`],
    ['with Bearer before it', `Bearer ${valid}`],
    ['the JSON serialisation', JSON.stringify({ protected: head, payload: body, signature })],
    ['oversized', token(clinicId, { note: 'x'.repeat(8_000) })],
    ['nested deeply', signed(header, `{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`)],
  ];
};
