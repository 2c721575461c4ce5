import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { openOrigin, send } from '../targets/edge/clients.js';

const PORT = 18_787;

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest('uno', { edge: { requestsPerSecond: 5, burst: 5 } });
  project.manifest('dos');
  await project.deploy();
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

test('the edge runs on the deployed manifests, and ends with Ctrl-C', async () => {
  const without = await project.run(['edge', 'config']);
  expect([without.status, without.stderr]).toEqual([2, expect.stringContaining('edge.yaml')]);
  const origins = 'origins:\n  shared-eu-central-1: https://one.cells.example\n';
  writeFileSync(join(project.root, 'edge.yaml'), `domain: clinics.example\n${origins}`);
  await project.run(['tenants', 'suspend', 'dos', '--reason', 'a test', '-y']);
  expect(await project.json(['edge', 'config'])).toMatchObject({
    tenants: [{ tenant: 'uno', jurisdiction: 'eu', limits: { requestsPerSecond: 5 } }],
    closed: [{ tenant: 'dos', reason: 'it is suspended' }],
  });
  const origin = await openOrigin();
  const edge = project.start(['edge', 'dev', '--port', String(PORT), '--origin', origin.url]);
  try {
    await edge.said('end with Ctrl-C');
    const url = new URL(`http://127.0.0.1:${PORT}`);
    const hosts = ['uno.clinics.example', 'uno.localhost', 'dos.localhost', 'nobody.localhost'];
    const statuses = await Promise.all(hosts.map(async (host) => (await send(url, host, '/', {})).status));
    expect(statuses).toEqual([200, 200, 503, 421]);
    const second = await project.run(['edge', 'dev', '--port', String(PORT)]);
    expect([second.status, second.stderr]).toEqual([4, expect.stringContaining('port_taken')]);
  } finally {
    edge.killGroup('SIGINT');
  }
  const { status, stderr } = await edge.result;
  expect([status, stderr]).toEqual([0, expect.stringContaining('ended')]);
  await expect(send(new URL(`http://127.0.0.1:${PORT}`), 'uno.localhost', '/', {})).rejects.toThrow(
    'ECONNREFUSED',
  );
  await origin.close();
});
