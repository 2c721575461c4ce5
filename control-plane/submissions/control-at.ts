import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { openPool } from '../../data-plane/database/connect.js';
import { loopback } from '../../targets/network/loopback.js';

/**
 * Opens the control database of a project elsewhere, for somebody who submits to it. It is reached over a tunnel to this machine,
 * which encrypts: no other address is taken.
 * @param url `postgres://<login>:<password>@127.0.0.1:<port>/control`
 * @throws RingfenceError `config_invalid`
 */
export const openControlAt = (url: string): pg.Pool => {
  const { protocol, hostname, port, username, password, pathname } = read(url);
  if (!/^postgres(ql)?:$/.test(protocol) || username === '' || port === '' || pathname.length < 2)
    throw invalid();
  const connection = loopback.reach({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  });
  return openPool(connection, { max: 2, name: 'ringfence submitting' });
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
