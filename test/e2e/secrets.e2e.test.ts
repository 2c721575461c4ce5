import { mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wrappedKeys } from '../../control-plane/keys/store.js';
import { objectStores } from '../../control-plane/project/object-stores.js';
import { openTargets } from '../../control-plane/targets/targets.js';
import { openPool } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { deriveKey } from '../../data-plane/keys/derive-key.js';
import {
  type CliProject,
  type CliResult,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  isAlive,
  names,
  openCliProject,
  prepareEngine,
  readText,
} from '../support/cli.js';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

const CELL_STACK = 'cell.shared-eu-central-1';
const onLinux = process.platform === 'linux';

describe('a secret stays where it belongs', () => {
  let project: CliProject;
  const results: CliResult[] = [];
  const sampled: string[] = [];
  let secrets: { name: string; forms: string[] }[] = [];

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('clinica');
    const commands = [
      ['tenants', 'add', 'clinica', '--yes'],
      ['tenants', 'show', 'clinica', '--json'],
      ['demo', 'load', 'clinica', '--patients', '3'],
      ['backups', 'run', 'clinica', '--json'],
      ['cells', 'status', 'shared-eu-central-1', '--json'],
      ['doctor', '--json'],
      ['tenants', 'show', 'nobody'],
      // With what is sealed in it.
      ['pulumi', '--', 'stack', 'export', '--show-secrets', '-s', 'tenant.clinica'],
      ['pulumi', '--', 'stack', 'export', '--show-secrets', '-s', CELL_STACK],
    ];
    for (const command of commands) results.push(await sampling(project, command, sampled));
    secrets = await collectSecrets(project);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  const leaksIn = (text: string, where: string): string[] =>
    secrets
      .filter(({ forms }) => forms.some((form) => text.includes(form)))
      .map(({ name }) => `${name} in ${where}`);

  test('the engine gives its state to who asks', () => {
    for (const { status, stdout } of results.slice(-2)) {
      expect(status).toBe(0);
      const { deployment } = JSON.parse(stdout) as { deployment: { resources: unknown[] } };
      expect(deployment.resources.length).toBeGreaterThan(5);
    }
  });

  test('there are secrets to look for, and the search finds one', () => {
    expect(secrets.map(({ name }) => name)).toEqual([
      'superuser of control',
      'superuser of shared-eu-central-1',
      'application login',
      'context key',
      'passphrase',
      'root key',
      'tenant key',
      'tenant login',
    ]);
    const passphrase = readFileSync(join(project.home, 'passphrase'), 'utf8');
    expect(leaksIn(`x${passphrase}x`, 'here')).toEqual(['passphrase in here']);
  });

  test('not in what commands print, also with RINGFENCE_DEBUG', () => {
    expect(
      results.flatMap(({ stdout, stderr }, index) => leaksIn(stdout + stderr, `command ${index}`)),
    ).toEqual([]);
    process.stdout.write(`secrets: ${secrets.length}, commands searched: ${results.length}\n`);
  });

  test('not in what is told of an engine that fails, nor in the file that has all that it said', async () => {
    const state = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence', 'tenant.clinica.json');
    const whole = readFileSync(state, 'utf8');
    writeFileSync(state, whole.replaceAll(/urn:pulumi:[^"]*TenantQuota::quota/g, 'urn:broken'));
    const look = ['tenants', 'preview', 'clinica', '--refresh'];
    const { status, stdout, stderr } = await project.run(look, { env: { RINGFENCE_DEBUG: '1' } });
    writeFileSync(state, whole);
    expect(status).toBe(4);
    expect(stderr).toMatch(/could not deploy stack tenant.clinica:\n {2}fatal: .*urn:broken/);
    const [, log = ''] = /all that it said, without secrets, is in (.*)/.exec(stderr) ?? [];
    expect(readFileSync(log, 'utf8')).toContain('goroutine');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(leaksIn(stdout + stderr + readFileSync(log, 'utf8'), 'what is told')).toEqual([]);
  });

  test('not in the state, the workspace, the history, the logs or the objects', () => {
    const owners = /\/(server|credentials)\.json$|\/passphrase$|\/keyring\/|\/workspace\/pgpass$/;
    const logs = project.servers().map(({ dataDir }) => join(dataDir, 'postgres.log'));
    const files = [...filesBelow(project.home), ...logs].filter(
      (file) => !owners.test(file) && (!/\/data\//.test(file) || file.endsWith('postgres.log')),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => leaksIn(readText(file), file))).toEqual([]);
    process.stdout.write(`files searched: ${files.length}\n`);
  });

  test.skipIf(!onLinux)('not in the arguments or the environment of any process of a run', () => {
    expect(sampled.some((text) => text.includes('pulumi'))).toBe(true);
    expect(sampled.flatMap((text) => leaksIn(text, text.slice(0, 60)))).toEqual([]);
    process.stdout.write(`command lines and environments searched: ${sampled.length}\n`);
  });

  test('files that hold secrets are open to their owner alone', () => {
    const holders = filesBelow(project.home).filter((file) => leaksIn(readText(file), file).length > 0);
    expect(holders.length).toBeGreaterThanOrEqual(5);
    for (const file of holders) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    for (const folder of ['keyring', 'objects', 'state', 'workspace'])
      expect([folder, statSync(join(project.home, folder)).mode & 0o777]).toEqual([folder, 0o700]);
  });

  test.skipIf(!onLinux)('nothing listens beyond the loopback interface', () => {
    const ports = project.servers().flatMap(({ dir }) => runningLocalServer(dir)?.port ?? []);
    expect(ports).toHaveLength(2);
    const listening = [...listeners('/proc/net/tcp'), ...listeners('/proc/net/tcp6')].filter(({ port }) =>
      ports.includes(port),
    );
    expect(listening.map(({ address }) => address)).toEqual(['0100007F', '0100007F']);
  });

  test('a stack that an earlier version deployed loses the password from its state, and nothing is replaced', async () => {
    const before = await stateOf(project, CELL_STACK);
    const { password } = JSON.parse(
      readFileSync(join(project.home, 'cells', CELL_STACK.slice('cell.'.length), 'server.json'), 'utf8'),
    );
    for (const { type, inputs, outputs } of before.deployment.resources) {
      if (type !== 'pulumi:providers:postgresql') continue;
      for (const properties of [inputs, outputs]) properties.password = sealed(password);
    }
    const file = join(project.root, 'earlier.json');
    writeFileSync(file, JSON.stringify(before));
    const imported = await project.run(['pulumi', '--', 'stack', 'import', '-s', CELL_STACK, '--file', file]);
    expect(imported.status).toBe(0);
    expect(JSON.stringify(await stateOf(project, CELL_STACK)).includes(password)).toBe(true);

    expect((await project.run(['cells', 'up', CELL_STACK.slice('cell.'.length), '--yes'])).status).toBe(0);
    const after = await stateOf(project, CELL_STACK);
    expect(JSON.stringify(after).includes(password)).toBe(false);
    expect(identities(after)).toEqual(identities(before));
  });

  // Last, because it removes what there is.
  test('not in the logs and traces of the engine, however much it is asked to say', async () => {
    const steps = ['preview', 'up', 'refresh'].flatMap((operation) =>
      ['tenant.clinica', CELL_STACK].map((stack) => [operation, stack] as const),
    );
    let searched = 0;
    for (const [operation, stack] of [...steps, ['destroy', CELL_STACK]] as const) {
      if (operation === 'destroy') {
        const now = ['--reason', 'x', '--wait-days', '0', '--confirm', 'clinica'];
        await project.json(['tenants', 'erase', 'clinica', ...now]);
        await project.run(['pulumi', '--', 'state', 'unprotect', '--all', '--yes', '-s', CELL_STACK]);
      }
      for (const [where, text] of Object.entries(await engineLogs(project, operation, stack))) {
        // What the engine is told of a cell's server, or of a tenant, is there, so the search looks at the right text.
        const known = stack === CELL_STACK ? 'ringfence_admin' : 'TenantEnrolment';
        expect([where, text.includes(known)]).toEqual([where, true]);
        expect(leaksIn(text, where)).toEqual([]);
        searched += text.length;
      }
    }
    process.stdout.write(`characters of logs and traces searched: ${searched}\n`);
  });
});

describe.runIf(onLinux)('a state that is written by hand, as after a killed run', () => {
  test('is in no file of the temporary folder', async () => {
    const project = openCliProject();
    project.manifest('uno');
    const killed = await project.run(['tenants', 'apply', 'uno', '--yes'], {
      env: { RINGFENCE_CRASH_AT: 'tenant-enrolled' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-watched-'));
    const made: string[] = [];
    const watcher = watch(folder, (_event, name) => made.push(name ?? ''));
    const deployed = await project.run(['tenants', 'apply', 'uno', '--yes'], { env: { TMPDIR: folder } });
    watcher.close();
    rmSync(folder, { recursive: true });
    expect([deployed.status, deployed.stderr]).toEqual([0, expect.anything()]);
    // Others of the engine are there, so the watch works.
    expect(made.length).toBeGreaterThan(0);
    expect(made.filter((name) => /^automation-\d+$/.test(name))).toEqual([]);
    expect(await project.purge()).toEqual([]);
  });
});

interface StackState {
  deployment: {
    resources: {
      urn: string;
      type: string;
      id?: string;
      created?: string;
      inputs: Record<string, unknown>;
      outputs: Record<string, unknown>;
    }[];
  };
}

const stateOf = async (project: CliProject, stack: string): Promise<StackState> => {
  const { status, stdout } = await project.run([
    ...['pulumi', '--', 'stack', 'export', '--show-secrets', '-s', stack],
  ]);
  expect(status).toBe(0);
  return JSON.parse(stdout);
};

/** One that is replaced is created again. */
const identities = ({ deployment }: StackState): string[] =>
  deployment.resources.map(({ urn, id, created }) => `${urn} ${id} ${created}`).sort();

/** How an exported state shows a secret (pulumi sdk, go/common/resource/properties.go). */
const sealed = (value: string): Record<string, string> => ({
  '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
  plaintext: JSON.stringify(value),
});

/** Runs the engine with everything that it can log. @returns what it printed and traced, by what it is. */
const engineLogs = async (
  project: CliProject,
  operation: string,
  stack: string,
): Promise<Record<string, string>> => {
  const trace = join(project.root, `${operation}.${stack}.trace`);
  const { status, stdout, stderr } = await project.run([
    ...['pulumi', '--', operation, '-s', stack, ...(operation === 'preview' ? [] : ['--yes'])],
    ...['-v=9', '--logtostderr', '--tracing', `file:${trace}`],
  ]);
  expect([operation, stack, status]).toEqual([operation, stack, 0]);
  return {
    [`the log of ${operation} of ${stack}`]: stdout + stderr,
    [`the trace of ${operation} of ${stack}`]: readText(trace),
  };
};

/** Runs a command and keeps looking at the arguments and the environment of its children, as `ps` would show them. */
const sampling = async (project: CliProject, args: readonly string[], seen: string[]): Promise<CliResult> => {
  const running = project.start(args, { env: { RINGFENCE_DEBUG: '1' } });
  const known = new Set(seen);
  const timer = setInterval(() => {
    for (const pid of groupOf(running.pid))
      for (const kind of ['cmdline', 'environ'])
        known.add(readText(`/proc/${pid}/${kind}`).replaceAll('\0', ' '));
  }, 20);
  const result = await running.result;
  clearInterval(timer);
  for (const text of known) if (text !== '' && !seen.includes(text)) seen.push(text);
  return result;
};

/** The processes of the session that a command leads, itself included. */
const groupOf = (leader: number): string[] =>
  names('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !isAlive(Number(name))) return false;
    const fields = readText(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    return fields[2] === String(leader) || fields[3] === String(leader);
  });

/** Listening sockets: the address in the kernel's hexadecimal form (state 0A is LISTEN; proc(5), /proc/net/tcp). */
const listeners = (table: string): { address: string; port: number }[] =>
  readText(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => {
      const [address = '', port = '0'] = (fields[1] ?? '').split(':');
      return { address, port: Number.parseInt(port, 16) };
    });

const collectSecrets = async (project: CliProject): Promise<{ name: string; forms: string[] }[]> => {
  const read = (path: string) => JSON.parse(readFileSync(join(project.home, path), 'utf8'));
  const cell = 'shared-eu-central-1';
  const credentials = read(`cells/${cell}/credentials.json`);
  const text = (name: string, value: string) => ({ name, forms: formsOf(Buffer.from(value), value) });
  const bytes = (name: string, value: Buffer) => ({ name, forms: formsOf(value) });
  const server = runningLocalServer(join(project.home, 'control'));
  if (!server) throw new Error('the control database does not run');
  const control = openPool({ ...server, database: 'control' }, { max: 1, name: 'test' });
  try {
    const { root, home } = project;
    const objects = objectStores({ root, home }, {});
    const target = openTargets({
      caller: { who: 'test', door: 'cli', correlationId: '' },
      project,
      control,
      env: {},
      objects,
      reached: () => undefined,
      onProgress: () => undefined,
    });
    const { rows } = await control.query<{ id: string }>('SELECT id FROM control.tenants');
    const key = await target.tenantKeys.load(rows[0]?.id ?? '');
    const record = await wrappedKeys(control).get(key.tenantId);
    if (!record?.wrapped) throw new Error('the tenant has no wrapped key');
    const place = { tenant: key.tenantId, version: String(key.version) };
    const secret = await target.keyRoot.unwrap(record.rootKeyId, record.wrapped, place);
    const login = deriveKey(key, { purpose: 'database-login' }).toString('base64url');
    return [
      text('superuser of control', read('control/server.json').password),
      text(`superuser of ${cell}`, read(`cells/${cell}/server.json`).password),
      text('application login', credentials.appPassword),
      bytes('context key', Buffer.from(credentials.contextSecret, 'base64')),
      text('passphrase', readFileSync(join(project.home, 'passphrase'), 'utf8').trim()),
      bytes('root key', Buffer.from(read(`keyring/${cell}.json`).roots[0].key, 'base64')),
      bytes('tenant key', secret),
      text('tenant login', login),
    ];
  } finally {
    await control.end();
  }
};

/** How a secret may be written down; files and output are read as latin1. */
const formsOf = (value: Buffer, ...more: string[]): string[] => [
  ...more,
  value.toString('hex'),
  value.toString('base64'),
  value.toString('base64url'),
  value.toString('latin1'),
];
