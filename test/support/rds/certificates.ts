import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files in PEM, with the authority's text. */
export interface Certificates {
  readonly ca: string;
  readonly caFile: string;
  readonly certificate: string;
  readonly key: string;
}

const DAYS = '2';
const EXTENSIONS = `subjectAltName=IP:127.0.0.1
basicConstraints=critical,CA:FALSE
`;

/** An authority, and a certificate of it for a server on 127.0.0.1. */
export const makeCertificates = (dir: string): Certificates => {
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  writeFileSync(at('extensions'), EXTENSIONS);
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test authority',
    '-days',
    DAYS,
  );
  openssl('req', ...fresh, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile', 'extensions', '-days', DAYS];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...signed);
  return {
    ca: readFileSync(at('ca.pem'), 'utf8'),
    caFile: at('ca.pem'),
    certificate: at('server.crt'),
    key: at('server.key'),
  };
};
