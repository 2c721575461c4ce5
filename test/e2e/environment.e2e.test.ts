import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CliProject,
  cliPath,
  ENGINE_TIMEOUT_MS,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';

const SLUG = 'consulta';
const CELL = 'shared-eu-central-1';

/** What a shell may have from other work with Postgres, each of which would make another connection of ours. */
const POSTGRES = {
  PGHOST: '192.0.2.1',
  PGHOSTADDR: '192.0.2.1',
  PGPORT: '1',
  PGUSER: 'nobody',
  PGDATABASE: 'nothing',
  PGPASSWORD: 'wrong',
  PGPASSFILE: '/nonexistent/pgpass',
  PGSERVICE: 'elsewhere',
  PGSERVICEFILE: '/nonexistent/service',
  PGOPTIONS: '-c session_replication_role=replica',
  PGREPLICATION: 'database',
  PGSSLMODE: 'require',
  PGSSLNEGOTIATION: 'direct',
  PGSSLROOTCERT: '/nonexistent/root.crt',
  PGSSLCERT: '/nonexistent/client.crt',
  PGREQUIRESSL: '1',
  PGCHANNELBINDING: 'require',
  PGREQUIREAUTH: 'none',
  PGTARGETSESSIONATTRS: 'read-only',
  PGCLIENTENCODING: 'LATIN1',
  PGCLIENT_ENCODING: 'LATIN1',
  PGDATESTYLE: 'German',
  PGTZ: 'Asia/Tokyo',
  PGBINARY: '1',
  PGCONNECT_TIMEOUT: '1',
  PGDATA: '/nonexistent/data',
  PGCTLTIMEOUT: '0',
  PGSYSCONFDIR: '/nonexistent',
  NODE_PG_FORCE_NATIVE: '1',
  PULUMI_CONFIG_PASSPHRASE: 'another',
};

let project: CliProject;
let proxy: Server;
let hostile: Record<string, string>;
const proxied: string[] = [];

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  proxy = createServer((request, response) => {
    proxied.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    proxied.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((listening) => void proxy.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = ['http_proxy', 'https_proxy', 'grpc_proxy', 'all_proxy'];
  const proxies = names.flatMap((name) => [
    [name, url],
    [name.toUpperCase(), url],
  ]);
  hostile = { ...POSTGRES, ...Object.fromEntries(proxies), no_proxy: 'intranet', no_grpc_proxy: 'intranet' };
});
afterAll(async () => {
  proxy.close();
  expect(await project.purge()).toEqual([]);
});

test('a tenant is deployed, filled and backed up, whatever the shell says of Postgres and of proxies', async () => {
  project.manifest(SLUG);
  const commands = [
    ['tenants', 'add', SLUG, '--yes'],
    ['demo', 'load', SLUG, '--patients', '20'],
    ['backups', 'run', SLUG],
    ['audit', 'verify', SLUG],
    ['cells', 'down'],
    ['cells', 'up'],
    ['doctor'],
  ];
  for (const command of commands) {
    const { status, stderr } = await project.run(command, { env: hostile });
    expect([command, status, stderr]).toEqual([command, 0, expect.not.stringMatching(/error|proxy/i)]);
  }
  expect(proxied).toEqual([]);
});

test('a proxy that gRPC cannot speak to is no matter either', async () => {
  const env = { https_proxy: 'https://proxy.example:3128', all_proxy: 'socks5://proxy.example:1080' };
  const { status, stderr } = await project.run(['cells', 'up'], { env });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('proxy')]);
});

test('an import writes its audit events, though PGOPTIONS switches triggers off', async () => {
  const zip = join(project.root, 'export.zip');
  expect((await project.run(['tenants', 'export', SLUG, '--out', zip], { env: hostile })).status).toBe(0);
  await project.cell(
    CELL,
    'TRUNCATE clinical.patients CASCADE; DELETE FROM clinical.staff; DELETE FROM clinical.services',
  );
  const events = async (): Promise<number> =>
    (await project.cell<{ n: number }>(CELL, 'SELECT count(*)::int AS n FROM clinical.audit_events'))[0]?.n ??
    0;
  const before = await events();
  expect((await project.run(['tenants', 'import', SLUG, zip, '-y'], { env: hostile })).status).toBe(0);
  expect(await events()).toBeGreaterThan(before);
  expect((await project.run(['audit', 'verify', SLUG], { env: hostile })).status).toBe(0);
});

test('the engine, by itself and in a shell of the user, works on the same stacks', async () => {
  const preview = ['preview', '--non-interactive', '-s', `tenant.${SLUG}`, '--expect-no-changes'];
  const ours = await project.run(['pulumi', '--', ...preview], { env: hostile });
  expect([ours.status, ours.stderr]).toEqual([0, expect.not.stringContaining('error')]);
  const evaluated = `eval "$('${process.execPath}' '${cliPath()}' pulumi --print-env)"`;
  const script = `${evaluated} && env | grep -E '^(PG|NODE_PG|no_|NO_|http_)' && pulumi -C .ringfence/workspace ${preview.join(' ')}`;
  const printed = execFileSync('bash', ['-c', script], {
    cwd: project.root,
    env: { ...project.env, ...hostile },
    encoding: 'utf8',
  });
  expect(printed).toContain('no_proxy=intranet,127.0.0.1,localhost,::1');
  expect(printed).toContain(`http_proxy=${hostile.http_proxy}`);
  expect(printed).not.toMatch(/^PG(?!PASSFILE=.*ringfence|PASSWORD=$)/m);
  expect(proxied).toEqual([]);
});
