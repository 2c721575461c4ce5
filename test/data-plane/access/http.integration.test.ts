import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { beforeAll, describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import type { Access } from '../../../data-plane/access/create-access.js';
import { type ClinicEnv, clinicMiddleware } from '../../../data-plane/access/http/hono.js';
import { clinicListener } from '../../../data-plane/access/http/node.js';
import { refusalResponse } from '../../../data-plane/access/http/refusal-response.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { clinicApp } from '../../../examples/access/hono.js';
import { clinicServer } from '../../../examples/access/node-http.js';
import { memoryWrappedKeyStore } from '../keys/memory-wrapped-key-store.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';

type Get = (options: {
  clinic: string;
  authorization?: string;
  path?: string;
}) => Promise<{ status: number; body: unknown; challenge: string | null }>;

const read = async (response: Response): Promise<Awaited<ReturnType<Get>>> => ({
  status: response.status,
  body: await response.json(),
  challenge: response.headers.get('www-authenticate'),
});

describe('over HTTP', () => {
  const scene = useClinics();
  let a: Colleague;
  let suspended: Colleague;

  beforeAll(async () => {
    a = await scene.clinic('a');
    suspended = await scene.clinic('suspended');
    await scene.database.admin.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'canary-a', 30)`,
      [a.clinicId],
    );
    await scene.database.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [
      suspended.tenantId,
    ]);
  });

  const servers: Record<string, (access: Access, work: (get: Get) => Promise<void>) => Promise<void>> = {
    'plain Node': async (access, work) => {
      const server = clinicServer(access).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        await work(async ({ clinic, authorization, path = '/' }) => {
          const headers = { 'x-clinic': clinic, ...(authorization ? { authorization } : {}) };
          return read(await fetch(`${origin}${path}`, { headers }));
        });
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
    Hono: async (access, work) => {
      const app = new Hono<ClinicEnv>()
        .use('/:clinic', clinicMiddleware(access, { clinic: (c) => c.req.param('clinic') }))
        .get('/:clinic', async (c) =>
          c.json((await c.get('db').query('SELECT name FROM clinical.services')).rows),
        );
      await work(async ({ clinic, authorization, path = '' }) =>
        read(await app.request(`/${clinic}${path}`, authorization ? { headers: { authorization } } : {})),
      );
    },
  };

  describe.each(Object.entries(servers))('%s', (_, serve) => {
    it('serves the clinic of the token and maps every refusal', async () => {
      await serve(scene.access(), async (get) => {
        const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
        const status = async (who: Colleague, clinic: string, changes = {}) =>
          (await get({ clinic, ...bearer(who.token(changes)) })).status;

        const served = await get({ clinic: a.clinicId, ...bearer(a.token()) });
        expect(served).toMatchObject({ status: 200, body: [{ name: 'canary-a' }] });
        expect(await get({ clinic: a.clinicId })).toEqual({
          status: 401,
          body: { error: { code: 'token_refused', message: 'the token is refused' } },
          challenge: 'Bearer',
        });
        expect(await status(a, a.clinicId, { exp: 1 })).toBe(401);
        expect(await status(a, suspended.clinicId)).toBe(403);
        expect(await status(a, a.clinicId, { sub: randomUUID() })).toBe(403);
        const unknown = randomUUID();
        expect(await status(a, unknown, { clinic_id: unknown })).toBe(404);
        expect(await status(suspended, suspended.clinicId)).toBe(423);
      });
    });

    it('takes a token from the Authorization header only, and only one', async () => {
      await serve(scene.access(), async (get) => {
        const token = a.token();
        const attempts = [
          { path: `?access_token=${token}&authorization=Bearer%20${token}` },
          { authorization: token },
          { authorization: `Basic ${token}` },
          { authorization: `Bearer ${token}, Bearer ${token}` },
          { authorization: `Bearer ${token} ${token}` },
          { authorization: 'Bearer' },
          { authorization: `Bearer  ${'x'.repeat(5_000)}` },
        ];
        for (const attempt of attempts)
          expect((await get({ clinic: a.clinicId, ...attempt })).status, JSON.stringify(attempt)).toBe(401);
        expect((await get({ clinic: a.clinicId, authorization: `bearer ${token}` })).status).toBe(200);
      });
    });
  });

  it('Hono rolls back when a handler throws, and the application answers', async () => {
    const access = scene.access();
    const app = new Hono<ClinicEnv>()
      .use('/:clinic/*', clinicMiddleware(access, { clinic: (c) => c.req.param('clinic') }))
      .post('/:clinic/throws', async (c) => {
        await c.get('db').query(SERVICE, ['lost']);
        throw new Error('of the application');
      })
      .post('/:clinic/duplicate', async (c) => {
        await c.get('db').query(SERVICE, ['lost']);
        await c.get('db').query('SELECT 1/0');
        return c.json({});
      })
      .onError((error, c) => c.json({ mine: error.message }, 418));
    const post = (path: string) =>
      app.request(`/${a.clinicId}/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${a.token()}` },
      });
    const thrown = await post('throws');
    expect([thrown.status, await thrown.json()]).toEqual([418, { mine: 'of the application' }]);
    expect((await post('duplicate')).status).toBe(418);
    const { rowCount } = await scene.database.admin.query(
      `SELECT FROM clinical.services WHERE name = 'lost'`,
    );
    expect(rowCount).toBe(0);
  });

  it('Node answers after the commit, never shows an error, and stops when the client has gone', async () => {
    const access = scene.access();
    const errors: unknown[] = [];
    let cancelled: unknown;
    const server = clinicListenerServer(access, errors, (error) => {
      cancelled = error;
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${a.token()}`, 'x-clinic': a.clinicId };
    try {
      const failed = await read(await fetch(`http://127.0.0.1:${port}/fails`, { headers }));
      expect(failed).toMatchObject({
        status: 500,
        body: { error: { code: 'internal', message: 'the request could not be served' } },
      });
      expect(errors).toHaveLength(1);
      const authorization = [`Bearer ${a.token()}`, `Bearer ${a.token()}`];
      const doubled = httpRequest({ port, host: '127.0.0.1', headers });
      doubled.setHeader('authorization', authorization).end();
      const [answer] = await once(doubled, 'response');
      expect(answer.resume().statusCode).toBe(401);
      const leaving = httpRequest({ port, host: '127.0.0.1', path: '/slow', headers }).end();
      leaving.on('error', () => undefined);
      setTimeout(() => leaving.destroy(), 150);
      await expect.poll(() => cancelled).toMatchObject({ code: /cancelled|not_in/ });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('the example in Hono writes and finds a patient', async () => {
    const keys = tenantKeys({
      store: memoryWrappedKeyStore(),
      root: {
        name: 'local',
        knows: () => true,
        ensureRoot: async () => 'root',
        wrap: async (_, key) => Buffer.from(key),
        unwrap: async (_, wrapped) => Buffer.from(wrapped),
        scheduleRootDeletion: async () => new Date(),
        whereabouts: async () => [],
      },
    });
    (await keys.create(a.tenantId, 'root')).wipe();
    const app = clinicApp(scene.access({ tenantKeys: keys }));
    const headers = { authorization: `Bearer ${a.token()}`, 'content-type': 'application/json' };
    const path = `/clinics/${a.clinicId}/patients`;
    const body = JSON.stringify({ name: 'Inés', phone: '+34 600 222 333' });
    const made = await app.request(path, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const found = await app.request(`${path}?phone=0034600222333`, { headers });
    expect(await found.json()).toEqual([{ id: (await made.json()).id, name: 'Inés' }]);
  });

  it('every status has one shape, and 500 no message', () => {
    const body = (error: unknown) => JSON.stringify(refusalResponse(error));
    expect(body(new Error('secret'))).not.toContain('secret');
    expect(body(new RingfenceError('config_invalid', 'secret path'))).not.toContain('secret');
    const quota = { what: 'rows', limit: 1, used: 2, resets: null };
    expect(refusalResponse(new RingfenceError('quota_exceeded', 'over', { quota }))).toEqual({
      status: 429,
      headers: { 'retry-after': '5' },
      body: { error: { code: 'quota_exceeded', message: 'over', quota } },
    });
  });
});

const clinicListenerServer = (access: Access, errors: unknown[], onCancelled: (error: unknown) => void) =>
  createServer(
    clinicListener(
      access,
      {
        clinic: (request) => request.headersDistinct['x-clinic']?.[0],
        onError: (error) => void errors.push(error),
      },
      async (request, db) => {
        if (request.url === '/fails') throw new Error('secret');
        await db.query('SELECT pg_sleep(60)').catch((error: unknown) => {
          onCancelled(error);
          throw error;
        });
        return {};
      },
    ),
  );
