import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, names, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'puntual';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  project = openCliProject();
  project.manifest(SLUG, { sla: { rpoMinutes: 1_440 } });
  await project.deploy();
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

const status = async () => {
  const { status: code, stdout } = await project.run(['backups', 'status', '--json']);
  return {
    code,
    ...(JSON.parse(stdout) as { tenants: { slug: string; overdue: boolean; backups: number }[] }),
  };
};
const backups = () =>
  project.json<{ id: string; state: string; kind: string; rows: number }[]>(['backups', 'list', SLUG]);

/** A worker for as long as `work` takes. */
const withWorker = async (env: Record<string, string>, work: () => Promise<void>): Promise<void> => {
  const worker = project.start(['worker'], { env });
  try {
    const schedules = () =>
      project
        .control<{ count: number }>(
          'SELECT count(*)::int AS count FROM graphile_worker._private_known_crontabs',
        )
        .then(
          ([row]) => row?.count,
          () => 0,
        );
    await expect.poll(schedules).toBe(15);
    await expect.poll(async () => (await project.run(['worker', '--check'])).status).toBe(0);
    await work();
  } finally {
    worker.kill('SIGTERM');
    expect((await worker.result).status).toBe(0);
    expect(await project.run(['worker', '--check'])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('no worker is heard of'),
    });
  }
};

test('a backup that is overdue is shown, and the worker makes up for it', async () => {
  expect(await status()).toMatchObject({ code: 0, tenants: [{ slug: SLUG, overdue: false, backups: 1 }] });
  await project.control(`UPDATE control.backups SET started_at = started_at - interval '3 days'`);
  expect(await status()).toMatchObject({ code: 5, tenants: [{ overdue: true }] });
  await withWorker({}, async () => {
    await project.control(`SELECT graphile_worker.add_job('backup-sweep')`);
    await expect
      .poll(async () => (await backups()).filter(({ state }) => state === 'verified').length, {
        timeout: 60_000,
      })
      .toBe(2);
    const bases = () => names(join(dirname(project.servers().at(-1)?.dataDir ?? ''), 'base')).length;
    expect(bases()).toBe(1);
    await project.control(`SELECT graphile_worker.add_job('base-backup-sweep')`);
    await expect.poll(bases).toBe(2);
  });
  expect(await status()).toMatchObject({
    code: 0,
    tenants: [{ overdue: false, backups: 2, rehearsalMs: null }],
  });
});

const inHours = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
const weekday = (hours: number): string =>
  new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(inHours(hours)).toLowerCase();
const hour = (hours: number): string => inHours(hours).toISOString().slice(11, 16);

/** The tenant's window: open now, or in some days only. */
const setWindow = (open: boolean) =>
  project.control('UPDATE control.tenants SET maintenance_window = maintenance_window || $1', [
    { weekday: weekday(open ? -1 : 72), start: hour(open ? -1 : 72), durationMinutes: 180, timeZone: 'UTC' },
  ]);

test('a backup is restored into an empty cell, by the worker in the maintenance window, and nothing of that cell is left', async () => {
  await setWindow(false);
  const shown = () => project.json<{ nextMaintenance: { from: string } }>(['tenants', 'show', SLUG]);
  const { from } = (await shown()).nextMaintenance;
  expect(Date.parse(from)).toBeGreaterThan(Date.now() + 86_400_000);
  await withWorker({}, async () => {
    await project.control(`SELECT graphile_worker.add_job('restore-rehearsal')`);
    const waiting = () =>
      project.control<{ at: Date }>(
        `SELECT run_at AS at FROM graphile_worker.jobs WHERE key = 'restore-rehearsal' AND run_at > now() + interval '1 day'`,
      );
    await expect.poll(waiting).toEqual([{ at: new Date(from) }]);
    await setWindow(true);
    await project.control(
      `SELECT graphile_worker.add_job('restore-rehearsal', job_key := 'restore-rehearsal')`,
    );
    const rehearsed = () => project.control<{ rows: number }>('SELECT rows::int FROM control.rehearsals');
    await expect.poll(rehearsed).toHaveLength(1);
  });
  const { rows, restoreMs } = await project.json<{ rows: number; restoreMs: number }>([
    'backups',
    'rehearse',
    SLUG,
  ]);
  const [{ rows: inBackup } = { rows: -1 }] = await backups();
  expect(rows).toBe(inBackup);
  expect((await status()).tenants).toMatchObject([
    { rehearsalMs: restoreMs > 0 ? expect.any(Number) : null },
  ]);
  expect(existsSync(join(project.home, 'scratch', 'rehearsal'))).toBe(false);
});

test('backups that are no longer kept go, record first and object after, also when killed in between', async () => {
  await project.control(`UPDATE control.backups SET started_at = started_at - interval '400 days' WHERE id IN
    (SELECT id FROM control.backups ORDER BY started_at LIMIT 1)`);
  await project.control(
    `UPDATE control.backup_schedules SET retention_days = 1, retention_weeks = 0, retention_months = 0`,
  );
  const dry = await project.json<{ id: string }[]>(['backups', 'prune', SLUG, '--dry-run']);
  expect(dry).toHaveLength(1);
  expect(await backups()).toHaveLength(2);
  expect((await project.run(['backups', 'prune', SLUG])).status).toBe(2);
  const killed = await project.run(['backups', 'prune', SLUG, '-y'], {
    env: { RINGFENCE_CRASH_AT: 'backups-expired' },
  });
  expect(killed.signal).toBe('SIGKILL');
  expect(await backups()).toHaveLength(1);
  expect((await project.run(['backups', 'verify', SLUG, '--backup', dry[0]?.id ?? ''])).status).toBe(6);
  expect((await project.run(['backups', 'prune', SLUG, '-y'])).status).toBe(0);
  const left = () =>
    project.control<{ state: string; removed: boolean }>(
      'SELECT state, removed_at IS NOT NULL AS removed FROM control.backups ORDER BY started_at',
    );
  const [newest] = await backups();
  expect(newest).toMatchObject({ kind: 'incremental' });
  // The newest one refers to it, so its object stays until that one goes too.
  expect(await left()).toEqual([
    { state: 'expired', removed: false },
    { state: 'verified', removed: false },
  ]);
  expect((await project.run(['backups', 'verify', SLUG])).status).toBe(0);
  expect(await project.json(['backups', 'run', SLUG, '--full'])).toMatchObject({ kind: 'full' });
  expect((await project.run(['backups', 'prune', SLUG, '-y'])).status).toBe(0);
  expect(await left()).toEqual([
    { state: 'expired', removed: true },
    { state: 'expired', removed: true },
    { state: 'verified', removed: false },
  ]);
});

test('a backup that fails for good raises an alert, and so does one whose archive is gone when it is rehearsed', async () => {
  const alerts: { kind: string; text: string; detail: unknown }[] = [];
  const server = createServer((request, response) => {
    request.on('data', (part) => void alerts.push(JSON.parse(String(part))));
    request.on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  await project.cell('shared-eu-central-1', 'REVOKE SELECT ON clinical.patients FROM ringfence_app');
  try {
    await withWorker({ RINGFENCE_ALERT_WEBHOOK: webhook }, async () => {
      await project.control(
        `SELECT graphile_worker.add_job('backup', '{"slug": "${SLUG}"}', max_attempts := 1)`,
      );
      await expect.poll(() => alerts.length).toBe(1);
      const [newest] = await project.control<{ cell: string; key: string }>(
        `SELECT cell, object_key AS key FROM control.backups WHERE state = 'verified' ORDER BY started_at DESC LIMIT 1`,
      );
      // Only this one: the worker goes on storing other things.
      const archive = join(project.home, 'objects', newest?.cell ?? '', newest?.key ?? '');
      await setWindow(true);
      renameSync(archive, `${archive}-away`);
      await project.control(`SELECT graphile_worker.add_job('restore-rehearsal', max_attempts := 1)`);
      await expect.poll(() => alerts.length).toBe(2);
      renameSync(`${archive}-away`, archive);
    });
  } finally {
    await project.cell('shared-eu-central-1', 'GRANT SELECT ON clinical.patients TO ringfence_app');
    server.close();
  }
  expect(alerts[0]).toMatchObject({ kind: 'backup', text: expect.stringContaining(SLUG) });
  expect(alerts[1]).toMatchObject({ kind: 'rehearsal', detail: { code: 'backup_not_found' } });
});
