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

/**
 * A certificate for a server on 127.0.0.1, and its authority.
 * @param authority of another server, which signs this one's too; a new one when left out.
 */
export const makeCertificates = (dir: string, authority?: Pick<Certificates, 'caFile'>): Certificates => {
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  writeFileSync(at('extensions'), EXTENSIONS);
  const caFile = authority?.caFile ?? at('ca.pem');
  const caKey = caFile.replace(/pem$/, 'key');
  const named = ['-subj', '/CN=Test authority', '-days', DAYS];
  if (authority === undefined) openssl('req', '-x509', ...fresh, '-keyout', caKey, '-out', caFile, ...named);
  openssl('req', ...fresh, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  const signed = ['-CA', caFile, '-CAkey', caKey, '-extfile', 'extensions', '-days', DAYS];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...signed);
  return {
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    certificate: at('server.crt'),
    key: at('server.key'),
  };
};
