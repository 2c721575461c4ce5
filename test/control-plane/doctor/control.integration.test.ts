import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { controlStore } from '../../../control-plane/control-backup/offsite.js';
import { checkControl } from '../../../control-plane/doctor/checks/control.js';
import { controlDir } from '../../../control-plane/project/control-database.js';
import { objectStores } from '../../../control-plane/project/object-stores.js';
import { archiveDir } from '../../../data-plane/database/server/archiving.js';
import { readControlFile } from '../../../data-plane/database/server/control-file.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord } from '../../../data-plane/database/server/record.js';
import { only } from '../../../data-plane/objects/whole-object.js';
import { openScene } from '../engine/scene.js';

const scene = openScene();
const dir = controlDir(scene.project);
const SEGMENT = '000000010000000000000FFF';
let dataDir = '';
let generation = '';

beforeAll(async () => {
  await ensureLocalServer(dir);
  stopLocalServer(dir);
  dataDir = readRecord(dir)?.dataDir ?? '';
  generation = `${readControlFile(dataDir).systemId}-1`;
}, 60_000);
afterAll(() => {
  purgeLocalServer(dir);
  scene.remove();
});

const check = () => checkControl({ project: scene.project, env: scene.env, lookup: { skipped: [] } });
const store = (name: string) =>
  controlStore(objectStores(scene.project, scene.env)).put(
    `${generation}/${name}.sealed`.toLowerCase(),
    only(Buffer.from('sealed')),
  );

it('says that a control database has no backup yet, and refuses one that is behind its backup', async () => {
  expect(await check()).toMatchObject({ status: 'warn', detail: expect.stringContaining('no backup yet') });
  await store('base/first/base.json');
  expect(await check()).toMatchObject({ status: 'ok', detail: expect.stringContaining('last backed up on') });
  await store(`wal/${SEGMENT}.gz/tag`);
  await expect(check()).rejects.toMatchObject({
    code: 'control_outdated',
    message: expect.stringContaining('is an earlier one than its own backup of'),
    fix: expect.stringContaining(`ringfence control restore --generation ${generation}`),
  });
  // The segment is here as well: this machine goes as far as its backup.
  mkdirSync(archiveDir(dataDir), { recursive: true });
  writeFileSync(join(archiveDir(dataDir), `${SEGMENT}.gz`), '');
  expect(await check()).toMatchObject({ status: 'ok' });
});
