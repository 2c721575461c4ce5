import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { purgeAll, stopAll } from '../../../control-plane/cells/cells-down.js';
import { openProject } from '../../../control-plane/project/project.js';
import { scratchDir } from '../../../control-plane/project/scratch.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { ensureLocalServer, purgeLocalServer } from '../../../data-plane/database/server/local-server.js';

const root = mkdtempSync(join(tmpdir(), 'ringfence-down-'));
const project = openProject(root);
const rehearsal = scratchDir(project, 'rehearsal');
afterAll(() => {
  purgeLocalServer(rehearsal);
  rmSync(root, { recursive: true });
});

test('no server of a killed command outlives `cells down`, and its files wait for that command', async () => {
  const files = scratchDir(project, 'restore-one');
  mkdirSync(files, { recursive: true });
  const server = await ensureLocalServer(rehearsal);
  stopAll(project);
  await expect(
    withConnection({ ...server, database: 'postgres' }, () => Promise.resolve()),
  ).rejects.toMatchObject({ code: 'database_unavailable' });
  expect([rehearsal, files].map(existsSync)).toEqual([false, true]);
  await purgeAll(project, {});
  expect(existsSync(files)).toBe(false);
});
