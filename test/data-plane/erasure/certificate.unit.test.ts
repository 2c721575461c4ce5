import { createHash, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { afterAll, describe, expect, it } from 'vitest';
import { signedCertificate } from '../../../data-plane/erasure/certificate.js';
import { certificatePage } from '../../../data-plane/erasure/certificate-page.js';
import {
  openSigningKey,
  publicKeyOf,
  signCertificate,
  verifyCertificate,
} from '../../../data-plane/erasure/sign-certificate.js';
import { SAMPLE } from './sample.js';

const vectors = JSON.parse(readFileSync(new URL('./certificate.vectors.json', import.meta.url), 'utf8')) as {
  privateKeySeed: string;
  canonicalSha256: string;
  certificate: unknown;
};

/** PKCS #8 of an Ed25519 key is this prefix and its seed (RFC 8410). */
const PKCS8_PREFIX = '302e020100300506032b657004220420';
const key = createPrivateKey({
  key: Buffer.from(PKCS8_PREFIX + vectors.privateKeySeed, 'hex'),
  format: 'der',
  type: 'pkcs8',
});
const folder = mkdtempSync(join(tmpdir(), 'ringfence-certificate-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('A certificate', () => {
  it('is signed as the vectors are', () => {
    const made = signCertificate(SAMPLE, key);
    expect(made).toEqual(vectors.certificate);
    const { signature: _, ...signed } = made;
    expect(
      createHash('sha256')
        .update(String(canonicalize(signed)))
        .digest('hex'),
    ).toBe(vectors.canonicalSha256);
    expect(verifyCertificate(JSON.stringify(vectors.certificate), publicKeyOf(key))).toEqual(made);
  });

  it('holds whatever the order and the space of its members, and after no other change', () => {
    const made = signCertificate(SAMPLE, key);
    const reversed = Object.fromEntries(Object.entries(made).reverse());
    expect(verifyCertificate(JSON.stringify(reversed, null, 4))).toEqual(made);
    const changes: readonly ((copy: Record<string, unknown>) => void)[] = [
      ...Object.keys(SAMPLE).map((name) => (copy: Record<string, unknown>) => {
        if (typeof copy[name] === 'string') copy[name] = String(copy[name]).replace(/.$/, 'x');
        else if (typeof copy[name] === 'number') copy[name] = 2;
        else if (Array.isArray(copy[name])) (copy[name] as unknown[]).pop();
        else copy[name] = { ...(copy[name] as object), objects: 4 };
      }),
      (copy) => {
        copy.more = 1;
      },
      (copy) => {
        copy.signature = Buffer.alloc(64).toString('base64');
      },
      (copy) => {
        copy.publicKey = publicKeyOf(openSigningKey(join(folder, 'other.pem')));
      },
      (copy) => {
        copy.publicKey = 'AAAA';
      },
    ];
    let refused = 0;
    for (const change of changes) {
      const copy = structuredClone(made) as Record<string, unknown>;
      change(copy);
      expect(() => verifyCertificate(JSON.stringify(copy)), JSON.stringify(copy)).toThrow(
        expect.objectContaining({ code: 'certificate_refused', exitStatus: 5 }),
      );
      refused++;
    }
    process.stdout.write(`changed certificates: ${refused} of ${changes.length} refused\n`);
    for (const text of ['', '{}', 'null', '[]'])
      expect(() => verifyCertificate(text)).toThrow(expect.objectContaining({ code: 'certificate_refused' }));
  });

  it('of somebody else is refused, although its own key fits', () => {
    const own = openSigningKey(join(folder, 'own.pem'));
    const foreign = JSON.stringify(signCertificate(SAMPLE, key));
    expect(() => verifyCertificate(foreign, publicKeyOf(own))).toThrow(/another key signed it/);
    expect(statSync(join(folder, 'own.pem')).mode & 0o777).toBe(0o600);
    expect(publicKeyOf(openSigningKey(join(folder, 'own.pem')))).toBe(publicKeyOf(own));
  });

  it('that says that something was found is none', () => {
    const checks = [{ check: 'rows', where: 'x', found: 1 }];
    expect(signedCertificate.safeParse({ ...signCertificate(SAMPLE, key), checks }).success).toBe(false);
  });

  it('is shown to people with both dates and every script, and nothing in it is markup', () => {
    const page = certificatePage(signCertificate(SAMPLE, key));
    expect(page).toContain(
      '<span dir="auto">La clínica «Ñandú» cierra; طلب من العيادة &lt;b&gt;&quot;now&quot;&lt;/b&gt; &amp; 😀</span>',
    );
    for (const shown of [
      SAMPLE.useStoppedAt,
      SAMPLE.keyCopiesGoneAt,
      SAMPLE.tenantId,
      'clinical.patients',
      '1200',
    ])
      expect(page).toContain(shown);
    expect(page).not.toContain('<script');
    expect(page).toContain("default-src 'none'");
  });
});
