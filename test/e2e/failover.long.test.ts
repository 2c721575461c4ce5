import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCell } from '../../data-plane/access/directory/local-project.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

const CELL = 'shared-eu-central-1';
const OWN = 'own';

interface Replica {
  readonly state: string;
  readonly port: number | null;
  readonly lagBytes: number | null;
}
interface Status {
  readonly state: string;
  readonly replica: Replica | null;
  readonly kept: string[];
  readonly problems: string[];
}

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('a cell with a replica, beside another cell', () => {
  let project: CliProject;
  const status = () => project.json<Status>(['cells', 'status', CELL]);
  const rows = async () =>
    (await project.cell<{ count: number }>(CELL, 'SELECT count(*)::int AS count FROM clinical.patients'))[0]
      ?.count;
  const serverOf = (cell: string) => project.servers().find(({ name }) => name === cell)?.pid ?? 0;
  const killServer = async (cell: string) => {
    process.kill(serverOf(cell), 'SIGKILL');
    await expect
      .poll(async () => (await project.json<Status>(['cells', 'status', cell])).state)
      .toBe('stopped');
  };

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('uno');
    project.manifest(OWN, { tier: 'dedicated', region: 'eu-west-1' });
    await project.deploy();
    await project.json(['demo', 'load', 'uno', '--patients', '20']);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('declares it; the engine makes it, and its lag is shown', async () => {
    await project.json(['cells', 'up', CELL, '--replicas', '1']);
    await expect
      .poll(status)
      .toMatchObject({ replica: { state: 'streaming', lagBytes: 0 }, kept: [], problems: [] });
    const [replica] = localCell(project.home, CELL).replicas ?? [];
    expect(replica?.port).toBe((await status()).replica?.port);
    const resources = await project.run(['pulumi', '--', 'stack', 'export', '-s', `cell.${CELL}`]);
    expect(resources.stdout).toContain('ringfence:index:LocalReplica');
    expect((await project.run(['schema', 'lint'])).status).toBe(0);
    expect((await project.run(['cells', 'repair', CELL, '--dry-run'])).status).toBe(0);
    const resized = await project.run(['cells', 'resize', CELL, '--size', 'medium', '--yes']);
    expect([resized.status, resized.stderr]).toEqual([0, expect.anything()]);
    await expect.poll(status).toMatchObject({ replica: { state: 'streaming' }, problems: [] });
  });

  test('that is down takes down only its own tenants', async () => {
    await killServer(OWN);
    const tenants = await project.json<{ slug: string; cellState: string }[]>(['tenants', 'list']);
    expect(tenants.map(({ slug, cellState }) => [slug, cellState])).toEqual([
      [OWN, 'stopped'],
      ['uno', 'running'],
    ]);
    const doctor = await project.run(['doctor']);
    expect(doctor.stdout.replace(/\s+/g, ' ')).toContain('down with their cell: own');
    const { ssl, ...application } = localCell(project.home, CELL).connection;
    await withConnection(application, (client) => client.query('SELECT 1'));
    expect(() => localCell(project.home, OWN)).toThrow('is not running');
    expect((await project.run(['backups', 'run', 'uno'])).status).toBe(0);
    expect((await project.run(['cells', 'up', OWN])).status).toBe(0);
  });

  test('goes over to it, with all rows, at the same address, and makes the next one', async () => {
    const before = await rows();
    const asked = await project.run(['cells', 'failover', CELL]);
    expect([asked.status, asked.stderr]).toEqual([2, expect.stringContaining('Nothing is lost')]);
    const { port, keptData, problem } = await project.json<{
      port: number;
      keptData: string;
      problem: string | null;
    }>(['cells', 'failover', CELL, '--yes']);
    expect(problem).toBeNull();
    expect(localCell(project.home, CELL).connection.port).toBe(port);
    expect(await rows()).toBe(before);
    expect(await project.json(['operations', 'list'])).toContainEqual(
      expect.objectContaining({ slug: 'uno', kind: 'failover', state: 'done' }),
    );
    await expect
      .poll(status)
      .toMatchObject({ replica: { state: 'streaming' }, kept: [keptData], problems: [] });
    // The cell is known, and what it keeps aside is no server that runs.
    const doctor = JSON.parse((await project.run(['doctor', '--json'])).stdout) as {
      checks: { status: string }[];
    };
    expect(doctor.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({ name: 'kept', status: 'warn', data: { paths: [keptData] } }),
    );
    expect((await project.run(['tenants', 'preview', '--all', '--expect-no-changes'])).status).toBe(0);
    expect((await project.run(['backups', 'base'])).status).toBe(0);
    expect((await project.run(['backups', 'verify', 'uno'])).status).toBe(0);
  });

  test('whose primary was killed goes over by its typed name, and an earlier moment can be restored', async () => {
    const at = new Date();
    await pause(1_500);
    await project.json(['demo', 'load', 'uno', '--patients', '5', '--seed', '2']);
    const before = await rows();
    await expect.poll(status).toMatchObject({ replica: { lagBytes: 0 } });
    await killServer(CELL);
    const yes = await project.run(['cells', 'failover', CELL, '--yes']);
    expect([yes.status, yes.stderr]).toEqual([2, expect.stringContaining('cells up')]);
    const typed = ['cells', 'failover', CELL, '--confirm', CELL];
    const killed = await project.run(typed, { env: { RINGFENCE_CRASH_AT: 'data-set-aside' } });
    expect(killed.signal).toBe('SIGKILL');
    const again = await project.run(typed);
    const finished = again.status === 0 ? again : await project.run(['cells', 'failover', CELL, '--yes']);
    expect([finished.status, finished.stderr]).toEqual([0, expect.anything()]);
    expect(await rows()).toBe(before);
    const restored = await project.run([
      ...['backups', 'restore', 'uno', '--to', at.toISOString(), '--dry-run'],
    ]);
    expect([restored.status, restored.stderr]).toEqual([0, expect.anything()]);
  });

  test('that is brought back to an earlier time gets a new replica', async () => {
    const at = new Date();
    await pause(1_500);
    const restored = await project.run([
      ...['cells', 'restore', CELL, '--to', at.toISOString(), '--confirm', CELL],
    ]);
    expect([restored.status, restored.stderr]).toEqual([0, expect.anything()]);
    await expect.poll(status).toMatchObject({ replica: { state: 'streaming' }, problems: [] });
  });

  test('has none any more when it shall have none', async () => {
    await project.json(['cells', 'up', CELL, '--replicas', '0']);
    expect(await status()).toMatchObject({ replica: null, problems: [] });
    const refused = await project.run(['cells', 'failover', CELL, '--yes']);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('has no replica')]);
  });
});
