import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../support/aws/stand-in/cloud.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { placeCloudflarePlugin } from '../support/cloudflare/place-plugin.js';
import { ACCOUNT_ID, openAccount, TOKEN, ZONE, ZONE_ID } from '../support/cloudflare/stand-in/account.js';
import { type AccountApi, serveAccountApi } from '../support/cloudflare/stand-in/api.js';
import { NAMESPACE, RECORD, ROUTE, SCRIPT } from '../support/cloudflare/stand-in/things.js';

const KEYS = {
  RINGFENCE_EDGE_OPERATOR_KEY: 'operator-key-of-this-test-alone',
  RINGFENCE_EDGE_ORIGIN_KEY: 'origin-key-of-this-test-alone',
};
const ENTRY = 'cloudflare:index/workersKv:WorkersKv';

interface Deployment {
  readonly hosts: { host: string; tenant: string | null; pointsTo: string | null }[];
  readonly changes: { action: string; name: string }[];
  readonly judgements: { rule: string; verdict: string }[];
}

interface Checked {
  readonly judgements: { rule: string; on: string; subject: string; verdict: string }[];
}

const nameOf = (urn: string): string => urn.split('::').at(-1) ?? '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('An edge that is deployed', () => {
  let project: CliProject;
  let account: Cloud;
  let api: AccountApi;
  let env: Record<string, string>;
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-account-'));

  const deploy = (args: readonly string[] = [], more: Record<string, string> = {}) =>
    project.run(['edge', 'deploy', ...args], { env: { ...env, ...more } });
  const things = (type: string): string[] =>
    account
      .list()
      .filter((thing) => thing.type === type)
      .map(({ id }) => id)
      .sort();
  const changesOf = ({ changes }: Deployment): string[] =>
    changes
      .filter(({ action }) => !['same', 'refresh', 'read'].includes(action))
      .map(({ action, name }) => `${action} ${name}`);

  beforeAll(async () => {
    project = openCliProject();
    account = openAccount(dir);
    api = await serveAccountApi(account);
    env = {
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
      CLOUDFLARE_ZONE_ID: ZONE_ID,
      CLOUDFLARE_BASE_URL: api.url,
      ...KEYS,
    };
    project.manifest('uno', { domain: 'citas.uno.example' });
    project.manifest('dos');
    await project.deploy();
    const origins = 'origins:\n  shared-eu-central-1: https://one.cells.example\n';
    writeFileSync(join(project.root, 'edge.yaml'), `domain: ${ZONE}\n${origins}`);
  });
  afterAll(async () => {
    // A test that failed may have left it, and then nothing is purged.
    await project.run(['edge', 'down', '-y'], { env });
    const left = await project.purge();
    api.close();
    rmSync(dir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  it('is refused before anything is made', async () => {
    const refused = await deploy([], { CLOUDFLARE_API_TOKEN: 'of-somebody-else' });
    expect([refused.status, refused.stderr]).toEqual([
      3,
      expect.stringContaining('Cloudflare refuses the token'),
    ]);
    const without = await deploy();
    expect([without.status, without.stderr]).toEqual([
      4,
      expect.stringContaining('plugin install resource cloudflare 6.22.1'),
    ]);
    expect(account.list()).toEqual([]);
  });

  it('is taken up again after its making was killed, and is whole', async () => {
    placeCloudflarePlugin(project.home, dir);
    const preview = await project.json<Deployment>(['edge', 'deploy', '--dry-run'], { env });
    expect(changesOf(preview)).toHaveLength(12);
    expect(preview.hosts).toEqual([
      { host: `dos.${ZONE}`, tenant: 'dos', pointsTo: null },
      { host: `uno.${ZONE}`, tenant: 'uno', pointsTo: null },
      { host: 'citas.uno.example', tenant: 'uno', pointsTo: `ringfence-edge-main.${ZONE}` },
      { host: `edge.${ZONE}`, tenant: null, pointsTo: null },
    ]);
    expect(account.list()).toEqual([]);
    account.setFaults({ silent: [NAMESPACE, RECORD] });
    const killed = project.start(['edge', 'deploy'], { env });
    await expect.poll(() => things(NAMESPACE).length + things(RECORD).length, { timeout: 60_000 }).toBe(2);
    await pause(500);
    killed.killGroup('SIGKILL');
    await killed.result;
    account.setFaults({ failures: { '*': 1 } });
    await project.json<Deployment>(['edge', 'deploy'], { env });
    account.setFaults({});
    expect(account.list()).toHaveLength(12);
    const entry = account.find(ENTRY, 'citas.uno.example')?.attributes.value;
    expect(JSON.parse(String(entry))).toMatchObject({ tenant: 'uno', jurisdiction: 'eu' });
    const { stdout, stderr } = await deploy();
    expect(stdout).toContain('edge main: no changes');
    const secrets = [TOKEN, ...Object.values(KEYS)];
    const files = readdirSync(project.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
    for (const text of [stdout, stderr, ...files])
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('follows its tenants, and what was changed by hand is put back', async () => {
    const [worker = ''] = things(SCRIPT);
    const thing = account.find(SCRIPT, worker);
    if (!thing) throw new Error('no Worker');
    account.put({ ...thing, attributes: { ...thing.attributes, content: 'TenantLimits, by hand' } });
    await project.run(['tenants', 'suspend', 'dos', '--reason', 'a test', '-y']);
    const changes = changesOf(await project.json<Deployment>(['edge', 'deploy'], { env }));
    expect(changes.sort()).toEqual([`update entry-dos.${ZONE}`, 'update worker']);
    const entry = account.find(ENTRY, `dos.${ZONE}`)?.attributes.value;
    expect(JSON.parse(String(entry))).toMatchObject({ tenant: 'dos', closed: true });
    expect(account.find(SCRIPT, worker)?.attributes.content).toBe(thing.attributes.content);
  });

  it('is judged as it was deployed, and a state that cannot be read has not passed', async () => {
    const check = async () => {
      const { status, stdout, stderr } = await project.run(['policies', 'check', 'uno', '--live', '--json']);
      const [{ judgements }] = JSON.parse(stdout) as [Checked];
      const ofEdge = judgements.filter(({ rule, on }) => on === 'state' && rule === 'edge-jurisdiction');
      return { status, stderr, told: ofEdge.map(({ subject, verdict }) => [nameOf(subject), verdict]) };
    };
    const kept = [
      ['entry-citas.uno.example', 'passed'],
      [`entry-uno.${ZONE}`, 'passed'],
    ];
    expect((await check()).told.sort()).toEqual(kept);
    const file = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence', 'edge.main.json');
    const state = readFileSync(file, 'utf8');
    writeFileSync(file, state.replaceAll('\\"jurisdiction\\":\\"eu\\"', '\\"jurisdiction\\":null'));
    const violated = await check();
    expect([violated.status, violated.told.every(([, verdict]) => verdict === 'violated')]).toEqual([
      5,
      true,
    ]);
    writeFileSync(file, state.slice(0, state.length / 2));
    const torn = await check();
    expect([torn.status, torn.told]).toEqual([1, []]);
    expect(torn.stderr).toContain("the engine's state of stack edge.main is not there, or cannot be read");
    writeFileSync(file, state);
  });

  it('is taken up whole where its state is lost, and nothing of somebody else', async () => {
    const before = account.list();
    const state = join(project.home, 'state', '.pulumi');
    for (const folder of ['stacks', 'history', 'backups'])
      for (const name of readdirSync(join(state, folder, 'ringfence')))
        if (name.startsWith('edge.main')) rmSync(join(state, folder, 'ringfence', name), { recursive: true });
    const route = before.find(({ type }) => type === ROUTE);
    if (!route) throw new Error('no route');
    account.put({ ...route, attributes: { ...route.attributes, script: 'of-somebody-else' } });
    const refused = await deploy();
    expect([refused.status, refused.stderr]).toEqual([4, expect.stringContaining('10020')]);
    account.put(route);
    const thing = before.find(({ type }) => type === RECORD);
    if (!thing) throw new Error('no record');
    account.put({ ...thing, attributes: { ...thing.attributes, proxied: false } });
    await project.json<Deployment>(['edge', 'deploy'], { env });
    expect(account.list()).toEqual(before);
    expect((await deploy()).stdout).toContain('edge main: no changes');
  });

  it('takes no open host away for somebody who claims it too, nor for a wrong letter in edge.yaml', async () => {
    const file = join(project.root, 'edge.yaml');
    const text = readFileSync(file, 'utf8');
    const before = account.list();
    const refusedWith = async (status: number, message: string) => {
      const refused = await deploy();
      expect([refused.status, refused.stderr]).toEqual([status, expect.stringContaining(message)]);
      expect(account.list()).toEqual(before);
    };
    writeFileSync(file, text.replace(ZONE, 'clinics.exampel'));
    await refusedWith(2, `domain clinics.exampel of edge.yaml is not in zone ${ZONE}`);
    project.manifest('uno', { domain: `edge.${ZONE}` });
    await project.json(['tenants', 'apply', 'uno', '-y']);
    writeFileSync(file, text.replace(ZONE, `app.${ZONE}`));
    await refusedWith(1, `host edge.${ZONE} is claimed by the operator, whose zone it is in, and by uno`);
    writeFileSync(file, text);
    await refusedWith(1, `host edge.${ZONE} is claimed by the operator and by uno`);
    project.manifest('uno');
    await project.json(['tenants', 'apply', 'uno', '-y']);
  });

  it('is in one account, and the project is not purged before it goes', async () => {
    const other = await deploy([], { CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32) });
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringContaining('the edge is deployed in account'),
    ]);
    const purge = await project.run(['cells', 'down', '--purge', '-y']);
    expect([purge.status, purge.stderr]).toEqual([1, expect.stringContaining('ringfence edge down')]);
    const down = await project.run(['edge', 'down'], { env });
    expect([down.status, down.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
    expect(await project.json(['edge', 'down', '-y'], { env })).toEqual({ removed: 'main' });
    expect(account.list()).toEqual([]);
  });
});
