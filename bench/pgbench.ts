import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContextKey, ContextSubject } from '../data-plane/access/context-token.js';
import { hmacPads } from '../data-plane/access/context-token.js';
import { type Connection, withConnection } from '../data-plane/database/connect.js';

const DEBIAN = '/usr/lib/postgresql';

/** On PATH, or where Debian puts it; newest first. */
export const findPgbench = (): string | undefined => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return ['pgbench', ...versions.map((version) => join(DEBIAN, version, 'bin', 'pgbench'))].find(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
};

export interface PgbenchRun {
  readonly script: string;
  readonly mode: 'prepared' | 'extended';
  readonly clients: number;
  /** Threads of pgbench: one polls all of its clients at every step, which costs more than the server where they are many. */
  readonly threads?: number;
  readonly seconds: number;
  /** What `:name` stands for in the script. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs a script over and over. @returns milliseconds from one end of a transaction to the next, over all clients. */
export const pgbench = async (
  program: string,
  connection: Connection,
  { script, mode, clients, threads = 1, seconds, variables }: PgbenchRun,
): Promise<number> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-pgbench-'));
  const file = join(dir, 'script.sql');
  writeFileSync(file, script);
  const { host, port, user, password, database } = connection;
  const defined = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const load = ['-c', String(clients), '-j', String(threads), '-T', String(seconds)];
  const options = ['-n', '-M', mode, ...load, '-f', file, ...defined];
  const child = spawn(program, [...options, '-h', host, '-p', String(port), '-U', user, database], {
    env: { ...process.env, PGPASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      said += part.toString();
    });
  await once(child, 'close');
  rmSync(dir, { recursive: true });
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
  if (!(perSecond > 0) || /aborted|number of failed transactions: [1-9]/.test(said))
    throw new Error(`pgbench: ${said}`);
  return 1_000 / perSecond;
};

/** Signs context tokens inside the database, because pgbench cannot: for a database that only serves benches. */
export const installSigner = (admin: Connection, key: ContextKey): Promise<void> =>
  withConnection(admin, async (client) => {
    const { innerPad, outerPad } = hmacPads(key.secret);
    const literal = (bytes: Buffer) => `'\\x${bytes.toString('hex')}'::bytea`;
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS bench;
      CREATE OR REPLACE FUNCTION bench.sign(body bytea) RETURNS bytea LANGUAGE sql
        RETURN body || sha256(${literal(outerPad)} || sha256(${literal(innerPad)} || body));
      CREATE OR REPLACE FUNCTION bench.token(tenant uuid, clinic uuid, actor uuid) RETURNS bytea LANGUAGE sql
        RETURN bench.sign(${literal(Buffer.of(2, key.keyId))} || int4send(pg_backend_pid())
          || int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint + 30000)
          || uuid_send(tenant) || uuid_send(clinic) || uuid_send(actor));
      GRANT USAGE ON SCHEMA bench TO PUBLIC;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bench TO PUBLIC;
    `);
  });

/**
 * A transaction in tenant context, or of the same form with an explicit WHERE, of so many point reads of `:id`.
 * @param where `pipelined` is in context and sends all but the beginning in one go, as the access library does.
 */
export const pointReads = (
  where: 'context' | 'pipelined' | 'explicit',
  { tenantId, clinicId, userId }: Required<Omit<ContextSubject, 'epoch'>>,
  reads: number,
): string => {
  const enter =
    where === 'explicit'
      ? `SELECT set_config('bench.token', :token, true);`
      : 'SELECT ringfence.enter(:token);';
  const read = `SELECT * FROM clinical.services WHERE id = :id${where === 'explicit' ? ' AND clinic_id = :clinic' : ''};`;
  return [
    'BEGIN;',
    `SELECT bench.token('${tenantId}', '${clinicId}', '${userId}') AS token \\gset`,
    ...(where === 'pipelined' ? ['\\startpipeline'] : []),
    enter,
    ...Array.from({ length: reads }, () => read),
    'COMMIT;',
    ...(where === 'pipelined' ? ['\\endpipeline'] : []),
    '',
  ].join('\n');
};
