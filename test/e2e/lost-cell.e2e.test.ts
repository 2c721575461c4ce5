import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TenantDigest, tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { cellCredentials } from '../../data-plane/database/cell-credentials.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { loseFolder } from '../support/lose-folder.js';

const CELL = 'shared-eu-central-1';
const RESTORE = ['cells', 'restore', CELL];

let project: CliProject;
let tenantId = '';

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest('steady');
  await project.deploy();
  await project.run(['demo', 'load', 'steady', '--patients', '3']);
  const [tenant] = await project.control<{ id: string }>('SELECT id FROM control.tenants');
  tenantId = tenant?.id ?? '';
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const cellDir = () => join(project.home, 'cells', CELL);
const dataDir = () => project.servers().find(({ name }) => name === CELL)?.dataDir ?? '';
const admin = (): Connection => {
  const server = runningLocalServer(cellDir());
  if (!server) throw new Error('the cell does not run');
  return { ...server, database: 'ringfence' };
};
const withoutLog = ({ tables }: TenantDigest) =>
  tables.filter(({ table }) => table !== 'clinical.audit_events');
const rowsNow = async () => withoutLog(await tenantDigest(admin(), tenantId));
/** With the passwords of the file that applications read. */
const asApplication = () =>
  withConnection(
    { ...admin(), user: 'ringfence_app', password: cellCredentials(cellDir()).appPassword },
    async () => 'lets in',
  );
const failureOf = async (args: readonly string[]) => {
  const { status, stdout } = await project.run([...args, '--json']);
  return { status, ...(JSON.parse(stdout).error as { code: string; fix?: string }) };
};

test('a cell that is there goes back to a time only when its name is given, and keeps what it had', async () => {
  const before = await rowsNow();
  const to = new Date().toISOString();
  await project.cell(CELL, 'DELETE FROM clinical.invoice_lines');
  const back = [...RESTORE, '--to', to];
  expect(await failureOf([...back, '--yes'])).toMatchObject({ code: 'confirmation_missing' });
  const { kept } = await project.json<{ kept: string[] }>([...back, '--confirm', CELL]);
  expect(await rowsNow()).toEqual(before);
  expect(kept.map(dirname)).toEqual([dirname(dataDir())]);
});

test('an earlier copy of the data is not taken for it: the cell comes back to its newest moment', async () => {
  const copy = `${dataDir()}.yesterday`;
  execFileSync('cp', ['-a', dataDir(), copy]);
  await project.cell(CELL, `UPDATE clinical.patients SET locale = 'changed since'`);
  await project.json(['backups', 'base', CELL]);
  const before = await rowsNow();
  expect((await project.run(['cells', 'down'])).status).toBe(0);
  loseFolder(dataDir());
  renameSync(copy, dataDir());
  expect(await failureOf(['cells', 'up'])).toMatchObject({
    code: 'data_lost',
    fix: expect.stringMatching(`ringfence cells restore ${CELL}.*cells up ${CELL} --accept-older`),
  });
  expect(await failureOf(['cells', 'up', CELL, '--accept-older', '--yes'])).toMatchObject({
    code: 'confirmation_missing',
    fix: `add --confirm ${CELL}`,
  });
  expect(await project.json([...RESTORE, '--yes'])).toMatchObject({ way: 'history' });
  expect(await rowsNow()).toEqual(before);
});

test('without history the tenants come back from their backups into a new cell, also when that is killed', async () => {
  expect((await project.run(['backups', 'run', 'steady'])).status).toBe(0);
  const before = await rowsNow();
  for (const name of readdirSync(dirname(dataDir())))
    rmSync(join(dirname(dataDir()), name), { recursive: true, force: true });
  rmSync(cellDir(), { recursive: true, force: true });
  for (const command of [['doctor'], ['schema', 'lint'], ['backups', 'status']]) {
    const { status, stdout, stderr } = await project.run(command);
    const words = `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
    expect([command, status, words]).toEqual([
      command,
      4,
      expect.stringMatching(`cell ${CELL} is lost: .ringfence cells restore ${CELL}|CELL LOST`),
    ]);
  }

  const killed = await project.run([...RESTORE, '--yes'], {
    env: { RINGFENCE_CRASH_AT: 'restore:enrol' },
  });
  expect(killed.signal).toBe('SIGKILL');
  expect(await project.json([...RESTORE, '--yes'])).toMatchObject({
    way: 'tenants',
    tenants: [{ slug: 'steady', backup: { different: [], missing: [] }, failure: null }],
  });
  expect(await rowsNow()).toEqual(before);
  expect(await asApplication()).toBe('lets in');
});
