import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { cellDir } from '../../../targets/cell-dir.js';
import { local } from '../../../targets/local/index.js';
import type { HostedCell, TargetContext } from '../../../targets/target.js';
import { keyRootConformance } from '../../data-plane/keys/key-root.conformance.js';
import { cellHostConformance, type HostScene } from '../cell-host.conformance.js';

const cell = (name: string, port: number | null = null): HostedCell => ({
  name,
  region: 'eu-central-1',
  address: {},
  port,
});

const contextIn = (home: string): TargetContext => ({
  home,
  env: {},
  reached: () => undefined,
  say: () => undefined,
});

const openScene = async (): Promise<HostScene> => {
  const home = mkdtempSync(join(tmpdir(), 'ringfence-local-target-'));
  const dir = cellDir(home, 'here');
  await ensureLocalServer(dir, { archiving: true });
  /** Takes the port of the server while that is stopped. */
  const other = createServer();
  return {
    context: contextIn(home),
    cell: cell('here'),
    missing: cell('missing'),
    change: async () => {
      const { port } = await ensureLocalServer(dir);
      stopLocalServer(dir);
      await once(other.listen(port, '127.0.0.1'), 'listening');
    },
    stop: async () => {
      other.close();
      purgeLocalServer(dir);
      rmSync(home, { recursive: true, force: true });
    },
  };
};

cellHostConformance(local, openScene);

const home = mkdtempSync(join(tmpdir(), 'ringfence-local-keys-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
keyRootConformance('the root of local cells', async () =>
  local.open(contextIn(home)).keyRoot({ region: 'eu-central-1', address: {} }),
);

test('a local cell that was deployed and has no data is lost, and is not made anew', async () => {
  const host = local.open(contextIn(home)).host(cell('gone', 21_000));
  expect(await host.state()).toBe('lost');
  await expect(host.adminConnection()).rejects.toMatchObject({ code: 'data_lost' });
  expect(await host.state()).toBe('lost');
});
