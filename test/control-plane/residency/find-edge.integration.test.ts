import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEdgeDocument } from '../../../control-plane/edge/edge-document.js';
import { openProject } from '../../../control-plane/project/project.js';
import { openState } from '../../../control-plane/project/state/open-state.js';
import { findEdge } from '../../../control-plane/residency/find-edge.js';
import { judge } from '../../../control-plane/residency/judge.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { openLocalEdge } from '../../../targets/edge/local-edge.js';
import { edgeReports } from '../../../targets/edge/reports.js';
import { useDatabase } from '../../support/cell-database.js';
import { bundle } from '../../targets/edge/bundle.js';
import { deployedTenant } from '../edge/deployed-tenant.js';

const KEY = 'operator-key-of-this-test';
const control = useDatabase('control');
const root = mkdtempSync(join(tmpdir(), 'ringfence-edge-'));

/** Answers as the edge of the platform would: objects in a jurisdiction are nowhere else. */
let edge: Server;
let answer: (request: IncomingMessage) => { status: number; body: unknown };
let url: string;

const report = (jurisdiction: string | null, tenant = 'uno') => ({
  tenant,
  jurisdiction,
  at: '2026-11-28T10:00:00.000Z',
  revision: 1,
  users: 0,
  minute: { start: '2026-11-28T10:00:00.000Z', admitted: 0 },
  day: { start: '2026-11-28T00:00:00.000Z', admitted: 0, refused: {}, costEur: 0 },
});

const runtime = (env: Record<string, string> = {}): Runtime =>
  ({
    project: openProject(root),
    state: openState(openProject(root), {}),
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    now: () => new Date(),
    edge: edgeReports({ RINGFENCE_EDGE_OPERATOR_KEY: KEY, RINGFENCE_EDGE_URL: url, ...env }),
  }) as unknown as Runtime;

const verdicts = async (slug = 'uno', env: Record<string, string> = {}) =>
  (await findEdge(runtime(env), slug)).map(({ declared, found }) => [
    judge('eu', declared, found),
    found.evidence,
  ]);

beforeAll(async () => {
  edge = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
  await deployedTenant(runtime(), 'uno', { manifest: {}, cell: 'one' });
  await deployedTenant(runtime(), 'dos', { manifest: {}, cell: 'two' });
});
afterAll(() => {
  edge.closeAllConnections();
  edge.close();
  rmSync(root, { recursive: true });
});

it('a project that declares no edge has nothing there', async () => {
  expect(await verdicts()).toEqual([['none', expect.stringContaining('no edge.yaml')]]);
});

it('the word of the object in its jurisdiction is proof, and it is asked by the operator’s host', async () => {
  writeFileSync(
    join(root, 'edge.yaml'),
    'domain: clinics.example\norigins:\n  one: https://one.cells.example\n',
  );
  const asked: unknown[] = [];
  answer = ({ url: path, headers: { host, authorization } }) => {
    asked.push([host, path, authorization]);
    return { status: 200, body: report('eu') };
  };
  expect(await verdicts()).toEqual([['inside', expect.stringContaining('jurisdiction eu')]]);
  expect(asked).toEqual([['edge.clinics.example', '/reports/uno.clinics.example', `Bearer ${KEY}`]]);
});

it.each<[string, { status: number; body: unknown }, string]>([
  ['an object in no jurisdiction', { status: 200, body: report(null) }, 'jurisdiction none'],
  ['a jurisdiction that nobody knows', { status: 200, body: report('fedramp') }, 'jurisdiction fedramp'],
  ['the object of another tenant', { status: 200, body: report('eu', 'dos') }, 'the object of dos answers'],
  ['no report', { status: 200, body: { jurisdiction: 'eu' } }, 'and no report'],
  ['no JSON', { status: 200, body: 'eu' }, 'and no report'],
  ['a host that the edge does not know', { status: 421, body: report('eu') }, 'answers 421'],
  ['another key', { status: 403, body: '' }, 'refuses RINGFENCE_EDGE_OPERATOR_KEY'],
])('%s proves nothing', async (_, answered, evidence) => {
  answer = () => answered;
  expect(await verdicts()).toEqual([['cannot-tell', expect.stringContaining(evidence)]]);
});

it('an edge that is not reached, is not told the key, or does not let the tenant in proves nothing', async () => {
  answer = () => ({ status: 200, body: report('eu') });
  expect(await verdicts('uno', { RINGFENCE_EDGE_URL: 'http://127.0.0.1:9' })).toEqual([
    ['cannot-tell', expect.stringContaining('does not answer')],
  ]);
  expect(await verdicts('uno', { RINGFENCE_EDGE_OPERATOR_KEY: '' })).toEqual([
    ['cannot-tell', expect.stringContaining('RINGFENCE_EDGE_OPERATOR_KEY is not set')],
  ]);
  expect(await verdicts('dos')).toEqual([
    ['cannot-tell', expect.stringContaining('no origin of cell two in edge.yaml')],
  ]);
});

it('the real runtime on this machine has no jurisdictions, and says so', async () => {
  const local = await openLocalEdge({
    document: await readEdgeDocument(runtime()),
    script: await bundle('targets/edge/worker/local.ts'),
    keys: { operator: KEY, origin: 'origin-key-of-this-test' },
    port: 0,
  });
  try {
    expect(await verdicts('uno', { RINGFENCE_EDGE_URL: local.url.href })).toEqual([
      ['cannot-tell', expect.stringContaining('jurisdiction none')],
    ]);
    expect(
      await verdicts('uno', { RINGFENCE_EDGE_URL: local.url.href, RINGFENCE_EDGE_OPERATOR_KEY: 'another' }),
    ).toEqual([['cannot-tell', expect.stringContaining('refuses RINGFENCE_EDGE_OPERATOR_KEY')]]);
  } finally {
    await local.close();
  }
});
