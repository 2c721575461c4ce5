import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCell } from '../../data-plane/access/directory/local-project.js';
import { openPool } from '../../data-plane/database/connect.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  openCliProject,
  prepareEngine,
  type smallTenant,
} from '../support/cli.js';

const SHARED = 'shared-eu-central-1';
const OWN = 'own';
const LOGIN = { reason: 'reports of the accountant' };

interface Resize {
  readonly from: string;
  readonly to: string;
  readonly settings: { name: string; from: string; to: string; needsRestart: boolean }[];
  readonly restarts: boolean;
  readonly lastRestart: { pauseMs: number; at: string } | null;
  readonly monthlyEur: { from: number | null; to: number | null };
}
interface Change {
  readonly action: string;
  readonly type: string;
  readonly changed: string[];
}
interface Preview {
  readonly unaffected: boolean;
  readonly cellChanges: Change[];
  readonly resize: Resize | null;
}
interface Status {
  readonly size: string;
  readonly restartMs: number | null;
  readonly settings: Record<string, number>;
  readonly problems: string[];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('the size of a cell', () => {
  let project: CliProject;
  const status = (cell: string) => project.json<Status>(['cells', 'status', cell]);
  const preview = async (): Promise<Preview> => {
    const { tenants } = await project.json<{ tenants: [{ preview: Preview }] }>(['tenants', 'preview', OWN]);
    return tenants[0].preview;
  };
  const own = (changes: Parameters<typeof smallTenant>[1]) =>
    project.manifest(OWN, { tier: 'dedicated', region: 'eu-west-1', ...changes });
  const apply = (...more: string[]) => project.run(['tenants', 'apply', OWN, '--yes', ...more]);
  const updated = (changes: readonly Change[]) =>
    changes.filter(({ action }) => action === 'update').map(({ type, changed }) => [type, changed.sort()]);

  beforeAll(async () => {
    project = openCliProject();
    await project.json(['cells', 'up', SHARED]);
    own({});
    await project.deploy();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('of a shared cell is previewed with its restart, and with a cost that its operator has said', async () => {
    const plan = ['cells', 'resize', SHARED, '--size', 'medium', '--dry-run'];
    const { resize } = await project.json<{ resize: Resize }>(plan);
    expect(resize).toMatchObject({ from: 'small', to: 'medium', restarts: true, lastRestart: null });
    expect(resize.settings.filter(({ needsRestart }) => needsRestart)).toEqual([
      { name: 'shared_buffers', from: '128MB', to: '512MB', needsRestart: true },
      { name: 'max_connections', from: '200', to: '300', needsRestart: true },
    ]);
    expect(resize.monthlyEur).toEqual({ from: null, to: null });
    expect((await project.run(plan)).stderr).toContain('cost: not known');
    await project.cell(SHARED, `INSERT INTO ringfence.prices VALUES ('cellMonth.medium', 41.5)`);
    expect((await project.json<{ resize: Resize }>(plan)).resize.monthlyEur).toEqual({
      from: null,
      to: 41.5,
    });
    expect((await project.run(['cells', 'resize', SHARED, '--size', 'medium'])).status).toBe(2);
    expect(await status(SHARED)).toMatchObject({ size: 'small', restartMs: null, problems: [] });
  });

  test('changes the real settings; applications connect again by themselves', async () => {
    const application = clientOf(project, SHARED);
    const { resize } = await project.json<{ resize: Resize }>([
      'cells',
      'resize',
      SHARED,
      '--size',
      'medium',
      '--yes',
    ]);
    const { pauseMs, errors } = await application.stop();
    expect(resize.restarts).toBe(true);
    const after = await status(SHARED);
    expect(after).toMatchObject({
      size: 'medium',
      settings: { sharedBuffersMb: 512, workMemMb: 8, maxConnections: 300 },
      problems: [],
    });
    expect(after.restartMs).toBeGreaterThan(0);
    expect(await project.cell(SHARED, 'SHOW shared_buffers')).toEqual([{ shared_buffers: '512MB' }]);
    say(
      `restart for a size: ${after.restartMs} ms by the server, ${pauseMs} ms at a client, ${errors} failed attempts`,
    );
    expect(pauseMs).toBeLessThan(60_000);
    const again = await project.json<{ resize: Resize | null }>([
      'cells',
      'resize',
      SHARED,
      '--size',
      'medium',
      '--yes',
    ]);
    expect(again.resize).toBeNull();
  });

  test('of a tenant’s own cell is in its manifest, and the real engine shows and makes the change', async () => {
    expect((await preview()).unaffected).toBe(true);
    own({ size: 'medium' });
    const { cellChanges, resize } = await preview();
    expect(updated(cellChanges)).toEqual([
      ['ServerSettings', ['maintenanceWorkMemMb', 'maxConnections', 'sharedBuffersMb', 'size', 'workMemMb']],
    ]);
    expect(resize).toMatchObject({ from: 'small', to: 'medium', restarts: true });
    expect((await apply()).status).toBe(0);
    expect(await status(OWN)).toMatchObject({ size: 'medium', settings: { maxConnections: 300 } });
    expect(await preview()).toMatchObject({ unaffected: true, resize: null });
    const other = await project.run(['cells', 'resize', OWN, '--size', 'small', '--yes']);
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringContaining('whose manifest says its size'),
    ]);
  });

  test('that somebody changed by hand is found, and put back', async () => {
    await project.cell(OWN, `ALTER SYSTEM SET work_mem = '64MB'`);
    await project.cell(OWN, 'ALTER SYSTEM SET max_connections = 250');
    await project.cell(OWN, 'SELECT pg_reload_conf()');
    await expect
      .poll(async () => (await status(OWN)).problems)
      .toEqual([
        expect.stringContaining('work_mem is 64MB, and size medium says 8MB'),
        expect.stringContaining('max_connections is 250, and size medium says 300'),
      ]);
    const { cellChanges, unaffected } = await preview();
    expect(unaffected).toBe(false);
    expect(updated(cellChanges)).toEqual([['ServerSettings', ['maxConnections', 'workMemMb']]]);
    const all = await project.run(['tenants', 'apply', '--all', '--yes']);
    expect([all.status, all.stderr]).toEqual([0, expect.stringContaining('1 deployed')]);
    expect((await status(OWN)).problems).toEqual([]);
  });

  test('fits the connections that a tenant’s own login may open', async () => {
    own({ size: 'medium', sqlLogin: LOGIN, quotas: { connections: 291 } });
    const tooMany = await apply();
    expect([tooMany.status, tooMany.stderr]).toEqual([
      1,
      expect.stringMatching(/quotas.connections of own is 291.*290 for tenants[\s\S]*choose size large/),
    ]);
    own({ size: 'medium', sqlLogin: LOGIN, quotas: { connections: 290 } });
    expect((await apply()).status).toBe(0);
    own({ size: 'small', sqlLogin: LOGIN, quotas: { connections: 190 } });
    const first = await apply();
    expect([first.status, first.stderr]).toEqual([
      1,
      expect.stringContaining('the login of own may open 290 connections'),
    ]);
    own({ size: 'medium' });
    expect((await apply()).status).toBe(0);
  });

  test.each(['settings-written', 'server-stopped', 'settings-applied'])(
    'is finished by the same command when that is killed at %s',
    async (point) => {
      const size = (await status(OWN)).size === 'medium' ? 'small' : 'medium';
      own({ size });
      const killed = await project.run(['tenants', 'apply', OWN, '--yes'], {
        env: { RINGFENCE_CRASH_AT: point },
      });
      expect(killed.signal).toBe('SIGKILL');
      const { status: exit, stderr } = await apply();
      expect([exit, stderr]).toEqual([0, expect.not.stringContaining('error')]);
      expect(await status(OWN)).toMatchObject({
        size,
        settings: { maxConnections: size === 'small' ? 200 : 300 },
        problems: [],
      });
      expect(await preview()).toMatchObject({ unaffected: true });
    },
  );

  test('is the same under plain pulumi, and a manifest of a shared tenant has none', async () => {
    const plain = await project.run([
      'pulumi',
      '--',
      'preview',
      '-s',
      `cell.${OWN}`,
      '--diff',
      '--expect-no-changes',
    ]);
    expect([plain.status, plain.stdout]).toEqual([0, expect.anything()]);
    project.manifest('shared-one', { size: 'large' });
    const refused = await project.run(['tenants', 'add', 'shared-one', '--yes']);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('is for tier dedicated')]);
  });
});

/** An application's pool of a cell that asks all the time. `stop` says how long it had no answer, and how often it failed. */
const clientOf = (project: CliProject, cell: string) => {
  const { ssl, ...connection } = localCell(project.home, cell).connection;
  const pool = openPool(connection, { max: 1, name: 'test client' });
  pool.on('error', () => undefined);
  let stopped = false;
  let pauseMs = 0;
  let errors = 0;
  const asking = (async () => {
    let answeredMs = performance.now();
    while (!stopped) {
      try {
        await pool.query('SELECT 1');
        pauseMs = Math.max(pauseMs, performance.now() - answeredMs);
        answeredMs = performance.now();
      } catch {
        errors++;
      }
      await pause(2);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await asking;
      await pool.end();
      return { pauseMs: Math.round(pauseMs), errors };
    },
  };
};
