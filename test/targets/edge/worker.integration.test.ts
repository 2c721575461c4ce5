import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storedEntries } from '../../../targets/edge/document/edge-document.js';
import { objectReport } from '../../../targets/edge/document/object-report.js';
import type { TenantEntry } from '../../../targets/edge/document/tenant-entry.js';
import { type LocalEdge, localEdgeOptions, openLocalEdge } from '../../../targets/edge/local-edge.js';
import { bundle } from './bundle.js';
import { openOrigin, type Reply, send } from './clients.js';
import { documentOf, entry, OPERATOR_HOST } from './document.js';

const KEYS = { operator: 'operator-key', origin: 'origin-key' };

/** A JWT as far as the edge reads it. */
const tokenOf = (sub: string, nonce = ''): string =>
  ['', Buffer.from(JSON.stringify({ iss: 'https://id.example', sub, nonce })).toString('base64url'), ''].join(
    '.',
  );

let edge: LocalEdge;
let origins: Awaited<ReturnType<typeof openOrigin>>[];

const from = (host: string, headers: Record<string, string> = {}, path = '/'): Promise<Reply> =>
  send(edge.url, host, path, headers);
const many = async (count: number, host: string, headers: Record<string, string> = {}): Promise<number[]> =>
  (await Promise.all(Array.from({ length: count }, () => from(host, headers)))).map(({ status }) => status);
const codeOf = ({ body }: Reply): string => JSON.parse(body).error.code;
const quotaOf = ({ body }: Reply): string => JSON.parse(body).error.quota;
const reportOf = async (host: string) =>
  objectReport.parse(
    JSON.parse(
      (await from(OPERATOR_HOST, { authorization: `Bearer ${KEYS.operator}` }, `/reports/${host}`)).body,
    ),
  );

const WIDE = { requestsPerSecond: 100_000, burst: 100_000 };

beforeAll(async () => {
  origins = [
    await openOrigin((request, response) => {
      if (request.headers['x-refuse'] !== undefined) response.statusCode = 401;
      const cost = request.headers['x-cost'];
      if (cost !== undefined) response.setHeader('ringfence-cost-micro-eur', String(cost).split('|'));
      response.setHeader('ringfence-edge-key', String(request.headers['ringfence-edge-key']));
      response.end('one');
    }),
    await openOrigin((_, response) => void response.end('two')),
  ];
  const [one, two] = origins.map(({ url }) => url) as [string, string];
  const open = documentOf(
    entry('uno', one, { limits: WIDE }),
    entry('dos', two, { limits: WIDE, jurisdiction: null, hosts: ['dos.example', 'www.dos.example'] }),
    entry('minutely', one, { limits: { ...WIDE, requestsPerMinute: 50 } }),
    entry('secondly', one, { limits: { requestsPerSecond: 5, burst: 5 } }),
    entry('few-users', one, { limits: { ...WIDE, concurrentUsers: 2 } }),
    entry('capped', one, { limits: { ...WIDE, dailyCostCapMicroEur: 1_000, requestCostMicroEur: 10 } }),
    entry('costly', one, { limits: WIDE }),
    entry('broken', one, { limits: { ...WIDE, burst: 1 } }),
    { ...entry('secretive', one), databasePassword: 'x' } as TenantEntry,
    { ...entry('text', one), origin: 'not an origin' },
    entry('downtown', 'http://127.0.0.1:9'),
  );
  const closed = [{ tenant: 'shut', reason: 'it is suspended', hosts: ['shut.clinics.example'] }];
  edge = await openLocalEdge({
    document: { ...open, closed },
    script: await bundle('targets/edge/worker/local.ts'),
    keys: KEYS,
    port: 0,
  });
});
afterAll(async () => {
  await edge?.close();
  for (const origin of origins ?? []) await origin.close();
});
beforeEach(() => {
  for (const origin of origins) origin.arrived.length = 0;
});

describe('the edge', () => {
  it('sends each host to the origin of its cell, with what the origin may believe and nothing that a client says of it', async () => {
    const claims = {
      'ringfence-tenant': 'dos',
      'ringfence-edge-key': 'x',
      'ringfence-else': 'y',
      // An origin that reads `_` as `-` would take these for ours.
      Ringfence_Tenant: 'dos',
      'ringfence-edge_key': 'x',
      X_Forwarded_Host: 'dos.example',
      forwarded: 'host=dos.example',
    };
    const reply = await from('uno.clinics.example', claims, '/a/b?c=d');
    expect(reply.body).toBe('one');
    expect(reply.headers).not.toHaveProperty('ringfence-edge-key');
    expect((await from('www.dos.example')).body).toBe('two');
    expect((await from('dos.example')).body).toBe('two');
    expect(origins[0]?.arrived[0]).toMatchObject({
      url: '/a/b?c=d',
      headers: {
        'ringfence-tenant': 'uno',
        'ringfence-edge-key': KEYS.origin,
        'x-forwarded-host': 'uno.clinics.example',
      },
    });
    const names = Object.keys(origins[0]?.arrived[0]?.headers ?? {});
    expect(names.filter((name) => /ringfence|forwarded/.test(name)).sort()).toEqual([
      'ringfence-edge-key',
      'ringfence-tenant',
      'x-forwarded-host',
    ]);
  });

  it('opens nothing for a host without an entry', async () => {
    const reply = await from('nobody.example');
    expect([reply.status, codeOf(reply)]).toEqual([421, 'host_unknown']);
  });

  it.each([['broken'], ['secretive'], ['text']])(
    'closes %s, whose entry is not valid, and nobody else',
    async (tenant) => {
      const host = `${tenant}.clinics.example`;
      const reply = await from(host);
      expect([reply.status, codeOf(reply)]).toEqual([503, 'tenant_config_invalid']);
      expect(JSON.parse(reply.body).error).not.toHaveProperty('problems');
      const told = await from(
        OPERATOR_HOST,
        { authorization: `Bearer ${KEYS.operator}` },
        `/reports/${host}`,
      );
      expect(JSON.parse(told.body).error.problems).toMatch(/burst|databasePassword|origin/);
      expect((await from('uno.clinics.example')).status).toBe(200);
      expect(origins[0]?.arrived).toHaveLength(1);
    },
  );

  it('says of a tenant that is closed for now that it is, and asks no origin', async () => {
    const reply = await from('shut.clinics.example');
    expect([reply.status, codeOf(reply)]).toEqual([503, 'tenant_closed']);
    expect(origins.flatMap(({ arrived }) => arrived)).toEqual([]);
  });

  it('says when the application of a cell does not answer', async () => {
    expect(codeOf(await from('downtown.clinics.example'))).toBe('origin_unavailable');
  });

  it('reports to nobody without the operator key', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Bearer ${KEYS.origin}`]) {
      const reply = await from(OPERATOR_HOST, { authorization }, '/reports/uno.clinics.example');
      expect([reply.status, codeOf(reply)]).toEqual([403, 'operator_refused']);
    }
  });

  it('refuses above the limit of a minute, and counts what it admitted and refused', async () => {
    while (Date.now() % 60_000 > 55_000) await new Promise((resolve) => setTimeout(resolve, 200));
    const statuses = await many(120, 'minutely.clinics.example');
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    const refused = await from('minutely.clinics.example');
    expect([refused.status, quotaOf(refused)]).toEqual([429, 'requestsPerMinute']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(4);
    expect(origins[0]?.arrived).toHaveLength(50);
    await expect
      .poll(async () => (await reportOf('minutely.clinics.example')).day)
      .toMatchObject({ admitted: 50, refused: { requestsPerMinute: 71 } });
  });

  it('takes in as many users as there are seats, under any of their tokens; one whom the application refuses leaves the seat', async () => {
    const host = 'few-users.clinics.example';
    const as = (sub: string, more: Record<string, string> = {}, nonce = '') =>
      from(host, { authorization: `Bearer ${tokenOf(sub, nonce)}`, ...more });
    expect((await as('forged', { 'x-refuse': '1' })).status).toBe(401);
    await expect.poll(async () => (await reportOf(host)).users).toBe(0);
    expect((await as('ana')).status).toBe(200);
    expect((await as('ana', {}, 'renewed')).status).toBe(200);
    expect((await as('bea')).status).toBe(200);
    const third = await as('eva');
    expect([third.status, quotaOf(third)]).toEqual([429, 'concurrentUsers']);
    // Applications take any space before a token.
    for (const space of ['  ', '\t', ' \t '])
      expect((await from(host, { authorization: `Bearer${space}${tokenOf('eva')}` })).status).toBe(429);
    expect((await from(host)).status).toBe(200);
    expect(await reportOf(host)).toMatchObject({ users: 2, day: { refused: { concurrentUsers: 4 } } });
  });

  it('stops at the cost cap of the day, with what the application says that requests cost', async () => {
    const host = 'capped.clinics.example';
    const first = await from(host, { 'x-cost': '700' });
    expect(first.headers).not.toHaveProperty('ringfence-cost-micro-eur');
    await expect.poll(async () => (await reportOf(host)).day.costEur).toBeCloseTo(0.00071, 6);
    const statuses = await many(60, host);
    expect(statuses.filter((status) => status === 200)).toHaveLength(29);
    expect(quotaOf(await from(host))).toBe('dailyCostCapEur');
    expect((await reportOf(host)).day.costEur).toBeCloseTo(0.001, 6);
  });

  it('counts costs that are no whole number, or several, and never less than was said', async () => {
    const host = 'costly.clinics.example';
    for (const cost of ['10.2', '20|30', 'no number', '-5']) await from(host, { 'x-cost': cost });
    await expect.poll(async () => (await reportOf(host)).day.costEur).toBeCloseTo(0.000061, 9);
    await from(host, { 'x-cost': '9'.repeat(30) });
    await expect.poll(async () => quotaOf(await from(host))).toBe('dailyCostCapEur');
  });

  it('leaves the others alone while one floods', async () => {
    let flooding = true;
    const flood = Array.from({ length: 20 }, async () => {
      while (flooding) await from('secondly.clinics.example');
    });
    const others = await many(100, 'dos.example');
    flooding = false;
    await Promise.all(flood);
    expect(new Set(others)).toEqual(new Set([200]));
  });
});

describe('two tenants of one cell', () => {
  /** Keeps files by their address, as the platform does for what a Worker asks for (default cache behavior; `cf.cacheLevel`). */
  const cacheInFront = () => {
    const kept = new Map<string, string>();
    return async (request: Request): Promise<Response> => {
      const { cacheLevel } = (request as unknown as { cf?: { cacheLevel?: string } }).cf ?? {};
      const answer = `of ${request.headers.get('ringfence-tenant')}`;
      if (cacheLevel === 'bypass' || !request.url.endsWith('.pdf')) return new Response(answer);
      if (!kept.has(request.url)) kept.set(request.url, answer);
      return new Response(kept.get(request.url));
    };
  };

  it('get their own documents, where both have one of the same address', async () => {
    const document = documentOf(
      entry('uno', 'https://one.cells.example'),
      entry('dos', 'https://one.cells.example'),
    );
    const script = await bundle('targets/edge/worker/local.ts');
    const options = localEdgeOptions({ document, script, keys: KEYS, port: 0 });
    const { Miniflare } = await import('miniflare');
    const shared = new Miniflare({ ...options, outboundService: cacheInFront() } as never);
    try {
      const url = await shared.ready;
      const tenants = await shared.getKVNamespace('TENANTS');
      for (const [host, text] of storedEntries(document)) await tenants.put(host, text);
      for (const tenant of ['uno', 'dos'])
        expect((await send(url, `${tenant}.clinics.example`, '/reports/1.pdf', {})).body).toBe(
          `of ${tenant}`,
        );
    } finally {
      await shared.dispose();
    }
  });
});

describe('the Worker as it is deployed', () => {
  it('opens no tenant of the EU where the runtime cannot say that its object is there, and is closed without its secrets', async () => {
    const script = await bundle('targets/edge/worker/production.ts');
    const document = documentOf(
      entry('uno', origins[1]?.url ?? ''),
      entry('dos', origins[1]?.url ?? '', { jurisdiction: null }),
    );
    const deployed = await openLocalEdge({ document, script, keys: KEYS, port: 0 });
    try {
      const closed = await send(deployed.url, 'uno.clinics.example', '/', {});
      expect([closed.status, codeOf(closed)]).toEqual([503, 'limits_unavailable']);
      expect((await send(deployed.url, 'dos.clinics.example', '/', {})).body).toBe('two');
      expect(origins[1]?.arrived).toHaveLength(1);
    } finally {
      await deployed.close();
    }
    const bare = await openLocalEdge({ document, script, keys: { ...KEYS, origin: '' }, port: 0 });
    try {
      expect(codeOf(await send(bare.url, 'dos.clinics.example', '/', {}))).toBe('edge_config_invalid');
    } finally {
      await bare.close();
    }
  });
});
