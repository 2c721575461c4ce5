import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { type Connection, openPool } from '../../data-plane/database/connect.js';
import { loopback } from '../../targets/network/loopback.js';

/**
 * Opens the control database of a project elsewhere, for somebody who submits to it: over a tunnel to this machine, which encrypts, or
 * over TLS to a server whose certificate has its name.
 * @param url `postgres://<login>:<password>@<host>:<port>/control`
 * @param caFile authorities (PEM) of that certificate; Amazon's own when left out.
 * @throws RingfenceError `config_invalid`
 */
export const openControlAt = async (url: string, caFile: string | undefined): Promise<pg.Pool> => {
  const { protocol, hostname, port, username, password, pathname } = read(url);
  if (!/^postgres(ql)?:$/.test(protocol) || username === '' || port === '' || pathname.length < 2)
    throw invalid();
  const connection = await reach(
    {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    },
    caFile,
  );
  return openPool(connection, { max: 2, name: 'ringfence submitting' });
};

/** Amazon signs for these names only. */
const INSTANCE = /[.]rds[.]amazonaws[.](?:com|eu)$/;

const reach = async (to: Connection, caFile: string | undefined): Promise<Connection> => {
  if (caFile !== undefined) return { ...to, ssl: { ca: readAuthorities(caFile) } };
  if (!INSTANCE.test(to.host)) return loopback.reach(to);
  const { amazonAuthorities } = await import('../../targets/aws/amazon-authorities.js');
  return { ...to, ssl: { ca: await amazonAuthorities() } };
};

const readAuthorities = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RingfenceError('config_invalid', `RINGFENCE_CONTROL_CA: ${file} cannot be read`, {
      fix: 'name a file of certificates (PEM), or leave it out for Amazon’s own',
      cause,
    });
  }
};

const read = (url: string): URL => {
  if (URL.canParse(url)) return new URL(url);
  throw invalid();
};

/** It has a password, so it is not quoted. */
const invalid = (): RingfenceError =>
  new RingfenceError('config_invalid', 'RINGFENCE_CONTROL_URL is not the address of a control database', {
    fix: 'give it as postgres://<login>:<password>@127.0.0.1:<port>/control',
  });
