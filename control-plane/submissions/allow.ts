import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import { scramVerifier } from '../../data-plane/database/scram.js';
import { CONTROL_DATABASE } from '../project/control-server.js';
import type { Runtime } from '../runtime.js';

/** What a submitter may do: submit, take its own back, and see what was submitted, printed and is at work. No key, no tenant, no request of others. */
const RIGHTS = [
  'GRANT USAGE ON SCHEMA control TO',
  'GRANT EXECUTE ON FUNCTION control.submit(uuid, text, jsonb, jsonb, text, text, text) TO',
  'GRANT EXECUTE ON FUNCTION control.withdraw_submission(uuid, int, text) TO',
  `GRANT SELECT (id, kind, slug, version, who, login, address, submitted_at, state, worker, attempt, begun_at, ended_at, exit_status, error_code)
     ON control.submissions TO`,
  'GRANT SELECT ON control.submission_output, control.workers TO',
] as const;

/** The comment of such a login. */
const PURPOSE = 'submits commands to Ringfence';

/** Login names are kept apart from Ringfence's own. */
const LOGIN = /^[a-z][a-z0-9_]{1,40}$/;
const PASSWORD_MIN_LENGTH = 16;

/**
 * Makes a login of the control database that may submit, or gives one that was made so another password.
 * @returns its address, without the password: for the other end of a tunnel to this machine, or as its certificate names an instance of RDS.
 * @throws RingfenceError `usage` for a name or a password that is none, `conflict` for a login of another purpose.
 */
export const allowSubmitter = async (
  { control, controlServer }: Runtime,
  login: string,
  password: string | undefined,
): Promise<{ readonly url: string }> => {
  if (!LOGIN.test(login) || /^(?:pg_|ringfence)/.test(login))
    throw new RingfenceError('usage', `${JSON.stringify(login)} is no name for a submitter`, {
      fix: 'a name is 2 to 41 of a-z, 0-9 and _, and begins neither with pg_ nor with ringfence',
    });
  if (password === undefined || password.length < PASSWORD_MIN_LENGTH)
    throw new RingfenceError(
      'usage',
      'RINGFENCE_SUBMITTER_PASSWORD has no password of 16 characters or more',
      {
        fix: 'set it for this command, and give it to the submitter in a safe way',
      },
    );
  const role = pg.escapeIdentifier(login);
  await inPooledTransaction(control, async (client) => {
    const { rows } = await client.query<{ is_submitter: boolean }>(
      `SELECT shobj_description(oid, 'pg_authid') IS NOT DISTINCT FROM $2 AS is_submitter FROM pg_roles WHERE rolname = $1`,
      [login, PURPOSE],
    );
    if (rows[0]?.is_submitter === false)
      throw new RingfenceError('conflict', `${login} is a login of another purpose`, {
        fix: 'choose another name',
      });
    if (rows.length === 0) await client.query(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 20`);
    const verifier = pg.escapeLiteral(scramVerifier(password, randomBytes(16)));
    await client.query(`ALTER ROLE ${role} PASSWORD ${verifier}`);
    await client.query(`COMMENT ON ROLE ${role} IS ${pg.escapeLiteral(PURPOSE)}`);
    for (const right of RIGHTS) await client.query(`${right} ${role}`);
  });
  if (controlServer) {
    const { host, port } = await controlServer.connect();
    return { url: `postgres://${login}@${host}:${port}/${CONTROL_DATABASE}` };
  }
  const { rows } = await control.query<{ port: number }>('SELECT inet_server_port() AS port');
  return { url: `postgres://${login}@127.0.0.1:${rows[0]?.port}/${CONTROL_DATABASE}` };
};

/** Logins of a server that may submit, by name. */
export const listSubmitters = async (client: pg.Client): Promise<string[]> => {
  const { rows } = await client.query<{ login: string }>(
    `SELECT rolname AS login FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = $1 ORDER BY 1`,
    [PURPOSE],
  );
  return rows.map(({ login }) => login);
};

/** Gives the submitters of a server their rights in a control database that was brought back there: rights are the database's, logins the server's. */
export const allowAgain = async (client: pg.Client): Promise<void> => {
  for (const login of await listSubmitters(client))
    for (const right of RIGHTS) await client.query(`${right} ${pg.escapeIdentifier(login)}`);
};
