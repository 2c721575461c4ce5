import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'movida';
const CELL = 'shared-eu-central-1';

let project: CliProject;
let others: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG);
  await project.deploy();
});
afterAll(async () => {
  await release();
  expect(await project.purge()).toEqual([]);
});

const ports = (): number[] =>
  project
    .servers()
    .map(({ dir }) => JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8')).port as number);

/** Another program takes the ports: it lets everyone connect and says nothing. */
const take = async (): Promise<number[]> => {
  const taken = ports();
  for (const port of taken) {
    const other = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((listening) => void other.listen(port, '127.0.0.1', listening));
    others.push(other);
  }
  return taken;
};

const release = async (): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(others.map((other) => new Promise((closed) => other.close(closed))));
  others = [];
};

const succeed = async (...command: string[]): Promise<string> => {
  const { status, stdout, stderr } = await project.run(command);
  expect([command, status, stderr]).toEqual([command, 0, expect.not.stringContaining('error')]);
  return stdout;
};

test.skipIf(process.platform !== 'linux')('servers listen where the system gives no ports away', () => {
  const [from = 0, to = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .split(/\s+/)
    .map(Number);
  for (const port of ports()) expect(port < from || port > to).toBe(true);
});

test('taken ports are exchanged for others, and everything follows', async () => {
  await succeed('cells', 'down');
  const taken = await take();
  expect((await project.run(['doctor'])).stdout).toContain('port gone');
  await succeed('cells', 'up');
  const now = ports();
  expect(now.filter((port) => taken.includes(port))).toEqual([]);
  expect(await succeed('cells', 'list')).toContain(String(now[1]));
  await succeed('tenants', 'apply', SLUG, '--yes');
  await succeed('pulumi', '--', 'preview', '--non-interactive', '-s', `cell.${CELL}`, '--expect-no-changes');
  await release();
  await succeed('cells', 'up');
  expect(ports()).toEqual(now);
});

test("a command that starts a cell by itself finds it on its new port, also one that reads the cell's stack", async () => {
  await succeed('cells', 'down');
  await take();
  await succeed('tenants', 'show', SLUG);
  expect(await succeed('schema', 'lint')).toContain(CELL);
  project.manifest('vecina');
  await succeed('tenants', 'add', 'vecina', '--yes', '--skip-preview');
  const [cell] = await project.json<{ port: number }[]>(['cells', 'list']);
  expect(cell?.port).toBe(ports()[1]);
});
