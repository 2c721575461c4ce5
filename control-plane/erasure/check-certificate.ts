import { existsSync } from 'node:fs';
import type { SignedCertificate } from '../../data-plane/erasure/certificate.js';
import { fingerprint, verifyCertificate } from '../../data-plane/erasure/sign-certificate.js';
import { signingKeyFile } from '../control-backup/signing-key.js';
import type { Project } from '../project/project.js';
import { projectPublicKey } from './certify.js';

/** Says whether this project has its signing key. `bringSigningKey` brings a lost one back. */
export const hasSigningKey = (project: Project): boolean => existsSync(signingKeyFile(project));

/** The public key that verifies this project's certificates, base64, to give out. Makes the key pair when there is none. */
export const issuerKey = (project: Project): { publicKey: string; fingerprint: string } => {
  const publicKey = projectPublicKey(project);
  return { publicKey, fingerprint: fingerprint(publicKey) };
};

export interface CheckedCertificate {
  readonly certificate: SignedCertificate;
  /** Fingerprint of the signing key. */
  readonly fingerprint: string;
  /** True when that key is the expected one; false where none is known. */
  readonly keyIsTrusted: boolean;
}

/**
 * Verifies the signature of a certificate.
 * @param publicKey the issuer's, base64; this project's own when left out, where it has one.
 * @throws RingfenceError as `verifyCertificate` does
 */
export const checkCertificate = (
  project: Project,
  text: string,
  publicKey = hasSigningKey(project) ? projectPublicKey(project) : undefined,
): CheckedCertificate => {
  const certificate = verifyCertificate(text, publicKey);
  return {
    certificate,
    fingerprint: fingerprint(certificate.publicKey),
    keyIsTrusted: publicKey !== undefined,
  };
};
