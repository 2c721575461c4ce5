import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CadenceReport, useDeployedProject } from '../support/deployed-project.js';

const CELL = 'shared-eu-central-1';
const HOLE = 'GRANT TRUNCATE ON clinical.daily_figures TO ringfence_app';
const MEND = 'REVOKE TRUNCATE ON clinical.daily_figures FROM ringfence_app';

const project = useDeployedProject('turnos');

test('a cadence writes what it did into a folder, and its exit status says whether something was found', async () => {
  const daily = await project.json<CadenceReport>(['isolation', 'cadence', 'daily']);
  expect(daily.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(['lint clean', 'suite clean']);
  for (const file of ['README.md', ...daily.steps.flatMap(({ files }) => files)])
    expect(existsSync(join(daily.folder, file)), file).toBe(true);
  expect(readFileSync(join(daily.folder, 'isolation.html'), 'utf8')).toContain('<!doctype html>');

  await project.cell(CELL, HOLE);
  const out = join(project.root, 'found');
  const found = await project.run(['isolation', 'cadence', 'pr', '--json', '--out', out]);
  await project.cell(CELL, MEND);
  expect(found.status).toBe(5);
  const report = JSON.parse(found.stdout) as CadenceReport;
  expect(report.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'lint found',
    'suite found',
  ]);
  expect(report.folder.startsWith(out)).toBe(true);

  const runs = await project.run(['isolation', 'runs', '--json']);
  expect(runs.status).toBe(5);
  const states = JSON.parse(runs.stdout) as {
    cadence: string;
    overdue: boolean;
    last: { outcome: string } | null;
  }[];
  expect(states.find(({ cadence }) => cadence === 'daily')).toMatchObject({
    overdue: false,
    last: { outcome: 'clean' },
  });
  expect(states.find(({ cadence }) => cadence === 'pr')).toMatchObject({ last: { outcome: 'found' } });
  expect(states.find(({ cadence }) => cadence === 'yearly')).toMatchObject({ overdue: true, last: null });
  expect((await project.run(['isolation', 'cadence', 'hourly'])).status).toBe(2);
});

test('the worker makes up for missed tests, tells the webhook what was found, and ends when asked', async () => {
  const alerts: { kind: string; text: string; detail: { cadence: string } }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      alerts.push(JSON.parse(body));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const env = { RINGFENCE_ALERT_WEBHOOK: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  try {
    const first = project.start(['worker'], { env });
    await first.said('working');
    const known = async () =>
      (
        await project.control<{ count: number }>(
          'SELECT count(*)::int AS count FROM graphile_worker._private_known_crontabs',
        )
      )[0]?.count;
    await expect.poll(() => known().catch(() => 0)).toBe(15);
    first.kill('SIGTERM');
    expect((await first.result).status).toBe(0);

    await project.cell(CELL, HOLE);
    await project.control(
      `UPDATE graphile_worker._private_known_crontabs
          SET known_since = now() - interval '3 days', last_execution = now() - interval '26 hours' WHERE identifier = 'isolation-daily'`,
    );
    const second = project.start(['worker'], { env });
    await expect.poll(() => alerts.length).toBeGreaterThan(0);
    second.kill('SIGTERM');
    expect((await second.result).status).toBe(0);
  } finally {
    await project.cell(CELL, MEND);
    server.close();
  }
  expect(alerts[0]).toMatchObject({
    kind: 'isolation',
    detail: { cadence: 'daily' },
    text: expect.stringContaining('leaked'),
  });
});
