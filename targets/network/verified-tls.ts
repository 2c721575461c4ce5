import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import { authoritiesFile } from '../../data-plane/database/authorities.js';
import type { Network } from '../target.js';

/** Servers elsewhere, over TLS only, verified by the authorities that are kept in the folder of their cell. */
export const verifiedTls = (
  cellDir: string,
  provider: {
    /** Authorities (PEM) that sign its certificates. */
    readonly authorities: () => Promise<string>;
    /** The option of `cells up` that names a server. */
    readonly option: string;
  },
): Network => {
  const caFile = authoritiesFile(cellDir);
  return {
    caFile,
    async keep(given) {
      const text = given === undefined ? await provider.authorities() : readPem(given);
      mkdirSync(dirname(caFile), { recursive: true, mode: 0o700 });
      replaceFile(caFile, text, { mode: 0o600 });
    },
    drop: () => rmSync(caFile, { force: true }),
    reach(to) {
      if (existsSync(caFile)) return { ...to, ssl: { ca: readFileSync(caFile, 'utf8') } };
      throw new RingfenceError('config_invalid', `${caFile} is not there, so the server cannot be verified`, {
        fix: `run \`ringfence cells up <cell> ${provider.option} --region <region>\` again`,
      });
    },
  };
};

const readPem = (file: string): string => {
  const text = statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : '';
  if (/-----BEGIN CERTIFICATE-----/.test(text)) return text;
  throw new RingfenceError('config_invalid', `${file} holds no certificate in PEM`, {
    fix: 'name a file of certificates, or leave --ca-file out for those of the provider',
  });
};
