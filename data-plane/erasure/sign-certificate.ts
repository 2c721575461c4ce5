import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import canonicalize from 'canonicalize';
import { RingfenceError } from '../../core/errors.js';
import { createSecretFile } from '../../core/files/secret-file.js';
import { type Certificate, type SignedCertificate, signedCertificate } from './certificate.js';

/** The project's signing key, made when there is none. @param path of the PEM file, which becomes mode 0600. */
export const openSigningKey = (path: string): KeyObject => {
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  return createPrivateKey(createSecretFile(path, String(made)));
};

/** The public half as certificates have it: base64 of its DER. */
export const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');

export const signCertificate = (certificate: Certificate, key: KeyObject): SignedCertificate => {
  const publicKey = publicKeyOf(key);
  const signature = sign(null, canonicalBytes({ ...certificate, publicKey }), key);
  return { ...certificate, publicKey, signature: signature.toString('base64') };
};

/**
 * Reads a certificate and verifies its signature.
 *
 * @param trusted the public key that the operator gave out, base64; without one the certificate's own is taken, which
 *   shows that nothing was changed, not who signed.
 * @throws RingfenceError certificate_refused
 */
export const verifyCertificate = (text: string, trusted?: string): SignedCertificate => {
  const parsed = signedCertificate.safeParse(parseJson(text));
  if (!parsed.success) throw refused('it is not an erasure certificate of this version');
  const { signature, ...signed } = parsed.data;
  if (trusted !== undefined && trusted !== signed.publicKey) throw refused('another key signed it');
  let holds = false;
  try {
    const key = createPublicKey({
      key: Buffer.from(signed.publicKey, 'base64'),
      type: 'spki',
      format: 'der',
    });
    holds =
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, canonicalBytes(signed), key, Buffer.from(signature, 'base64'));
  } catch {
    throw refused('its public key is malformed');
  }
  if (!holds) throw refused('its signature does not hold: it was changed');
  return parsed.data;
};

/** The bytes that are signed: canonical JSON (RFC 8785). */
const canonicalBytes = (signed: Omit<SignedCertificate, 'signature'>): Buffer =>
  Buffer.from(String(canonicalize(signed)));

/** For people to compare: SHA-256 of the DER, in groups of four hex digits. */
export const fingerprint = (publicKey: string): string =>
  createHash('sha256')
    .update(Buffer.from(publicKey, 'base64'))
    .digest('hex')
    .replace(/(.{4})(?=.)/g, '$1 ');

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const refused = (why: string): RingfenceError =>
  new RingfenceError('certificate_refused', `the certificate is refused: ${why}`, {
    fix: 'get it again from whoever issued it, with their public key',
  });
