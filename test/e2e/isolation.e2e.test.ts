import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';

const CELL = 'shared-eu-central-1';
const CANARY = 'ca7a5e7e-0000-8';

interface Tested {
  cell: string;
  tables: number;
  cases: { id: string; verdict: string }[];
  scenarios: { name: string; held: number; leaked: number; unproven: number }[];
  notCovered: unknown[];
}

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('the isolation test of a running deployment', () => {
  let project: CliProject;

  beforeAll(async () => {
    project = openCliProject();
    project.manifest('vecina');
    await project.deploy();
    expect((await project.run(['demo', 'load', 'vecina', '--patients', '20'])).status).toBe(0);
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  /** What is left of throw-away tenants, anywhere in the project. */
  const left = async (): Promise<string[]> => {
    const inCell = await project.cell<{ id: string }>(
      CELL,
      `SELECT id::text FROM ringfence.tenants WHERE starts_with(id::text, $1)
        UNION SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'canary')`,
      [CANARY],
    );
    const inControl = await project.control<{ id: string }>(
      `SELECT tenant_id::text AS id FROM control.tenant_keys WHERE starts_with(tenant_id::text, $1)
        UNION SELECT tenant_id::text FROM control.operations WHERE starts_with(tenant_id::text, $1)`,
      [CANARY],
    );
    const files = filesBelow(join(project.home, 'objects')).filter((file) => file.includes(CANARY));
    return [...inCell, ...inControl].map(({ id }) => id).concat(files);
  };

  test('tries every scenario, finds no way through, and leaves nothing', async () => {
    const before = await project.json<{ digest: string }>(['backups', 'run', 'vecina']);
    const [tested] = await project.json<Tested[]>(['isolation', 'test', '--report', 'report.html']);
    expect(tested?.cell).toBe(CELL);
    expect(tested?.scenarios.map(({ name }) => name)).toHaveLength(12);
    expect(tested?.cases.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(tested?.cases.length).toBeGreaterThanOrEqual(150);
    expect(await left()).toEqual([]);
    expect((await project.json<{ digest: string }>(['backups', 'run', 'vecina'])).digest).toBe(before.digest);
    const report = readFileSync(join(project.root, 'report.html'), 'utf8');
    expect(report).toContain(`${tested?.cases.length} attempts, none reached another tenant`);
    expect(report).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/);
    process.stdout.write(`attempts on a deployment: ${tested?.cases.length}, held: all\n`);
  });

  test('runs a chosen scenario, and refuses a name that is none', async () => {
    const [tested] = await project.json<Tested[]>([
      'isolation',
      'test',
      '--scenario',
      'wrong-key',
      '--cell',
      CELL,
    ]);
    expect(tested?.scenarios.map(({ name }) => name)).toEqual(['wrong-key']);
    expect((await project.run(['isolation', 'test', '--scenario', 'no-such'])).status).toBe(2);
    expect((await project.run(['isolation', 'test', '--cell', 'no-such'])).status).toBe(6);
  });

  test('finds a hole, says so with exit status 5, and still leaves nothing', async () => {
    await project.cell(CELL, 'ALTER TABLE clinical.patients DISABLE ROW LEVEL SECURITY');
    try {
      const run = await project.run(['isolation', 'test', '--scenario', 'side-door', '--json']);
      expect(run.status).toBe(5);
      const [tested] = JSON.parse(run.stdout) as Tested[];
      const leaked = tested?.cases.filter(({ verdict }) => verdict === 'leaked').map(({ id }) => id);
      expect(leaked).toContain('side-door/read-others/clinical.patients');
      expect(leaked).toContain('side-door/catalogue/force-rls');
      expect(await left()).toEqual([]);
    } finally {
      await project.cell(CELL, 'ALTER TABLE clinical.patients ENABLE ROW LEVEL SECURITY');
    }
  });

  test('that is killed is cleaned up after by the next one', async () => {
    const killed = project.start(['isolation', 'test']);
    await killed.said(`attacking cell ${CELL}`);
    await expect.poll(async () => (await left()).length, { interval: 20 }).toBeGreaterThan(0);
    killed.killGroup('SIGKILL');
    expect((await killed.result).signal).toBe('SIGKILL');
    expect((await left()).length).toBeGreaterThan(0);
    // The server gives the dead run's lock back as soon as it notices that its connection is gone.
    await expect
      .poll(async () => (await project.run(['isolation', 'test', '--scenario', 'wrong-key'])).status, {
        timeout: 30_000,
      })
      .toBe(0);
    expect(await left()).toEqual([]);
  });
});
