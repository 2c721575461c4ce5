import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPostgres } from '../../../control-plane/doctor/checks/ask-postgres.js';
import { checkLocalServers } from '../../../control-plane/doctor/checks/local-servers.js';
import { openScene, type Scene } from '../engine/scene.js';

let scene: Scene;
const servers: Server[] = [];
beforeEach(() => {
  scene = openScene();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  scene.remove();
});

const listen = async (answer: (socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) =>
    socket.on('error', () => undefined).once('data', () => answer(socket)),
  );
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
};
const closedPort = async (): Promise<number> => {
  const port = await listen(() => undefined);
  await new Promise((done) => servers.pop()?.close(done));
  return port;
};
const record = (folder: string, content: unknown) => {
  mkdirSync(join(scene.project.home, folder), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(scene.project.home, folder, 'server.json'), text, { mode: 0o600 });
};
const check = () => checkLocalServers({ project: scene.project, env: scene.env, lookup: { skipped: [] } });

describe('recorded servers', () => {
  it('are ok when a Postgres answers; the password is never in the report', async () => {
    const port = await listen((socket) => socket.end('N'));
    record('control', { port, dataDir: '/data', password: 'hunter2-hunter2' });
    record('cells/eu-1', { port, dataDir: '/data', password: 'hunter2-hunter2' });
    mkdirSync(join(scene.project.home, 'cells', 'planned'));
    const found = await check();
    expect(found).toMatchObject({
      status: 'ok',
      detail: `control running (port ${port}), cells/eu-1 running (port ${port})`,
    });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('warn when one is stopped, or has no port yet', async () => {
    const port = await closedPort();
    record('control', { port, dataDir: '/data' });
    record('cells/eu-1', { port: null, dataDir: '/data' });
    expect(await check()).toMatchObject({
      status: 'warn',
      detail: `control stopped (port ${port}), cells/eu-1 stopped`,
      fix: expect.stringContaining('started by the next command'),
    });
  });

  it('fail when another program has the port', async () => {
    record('control', {
      port: await listen((socket) => socket.end('HTTP/1.1 400 Bad Request')),
      portPinned: true,
      dataDir: '/d',
    });
    expect(await check()).toMatchObject({ status: 'fail', detail: expect.stringContaining('port taken') });
  });

  it('fail when data is gone that was there, and name the way back of each', async () => {
    const gone = { id: 'a'.repeat(32), dataDir: 'data', dataMade: true, port: null, portPinned: false };
    record('control', { ...gone, superuser: 'admin', password: 'x'.repeat(24) });
    mkdirSync(join(scene.project.home, 'cells', 'eu-1', 'archive'), { recursive: true });
    expect(await check()).toMatchObject({
      status: 'fail',
      detail: 'control data lost, cells/eu-1 data lost',
      fix: expect.stringMatching(/ringfence control restore.*ringfence cells restore eu-1/),
    });
  });

  it.each(['', '{', '[]', '{"port":"5432","dataDir":"/d"}', '{"port":70000,"dataDir":"/d"}'])(
    'fail on a damaged record: %j',
    async (text) => {
      record('cells/eu-1', text);
      expect(await check()).toMatchObject({ status: 'fail', detail: 'cells/eu-1 damaged record' });
    },
  );
});

it('what accepts and says nothing is not a Postgres', async () => {
  expect(await askPostgres(await listen(() => undefined), 100)).toBe('another');
});
