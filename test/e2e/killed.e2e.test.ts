import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { leftovers } from './leftovers.js';

/** Every point that `tenants add` passes, in its order. A point of the cell is met on a new cell only. */
const CELL_POINTS = ['cell-recorded', 'server-started', 'cell-database-prepared', 'cell-deployed'];
const TENANT_POINTS = [
  'tenant-registered',
  'operation-begun',
  'backup-scheduled',
  'tenant-key-created',
  'tenant-enrolled',
  'quota-set',
  'tenant-deployed',
  'isolation-proved',
  'backup-begun',
  'backup-stored',
  'backup-verified',
  'deployment-recorded',
];
const REMOVAL_POINTS = ['removal-recorded', 'tenant-withdrawn', 'stack-destroyed'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('a run that is killed at any point is finished by the same command (isolation.md 32)', () => {
  let project: CliProject;
  const onboarded: string[] = [];

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  /** Kills `tenants add` at a point, runs it again, and looks for what the killed run left. */
  const killAndRepeat = async (
    point: string,
    slug: string,
    tier: 'shared' | 'dedicated',
  ): Promise<string[]> => {
    project.manifest(slug, tier === 'dedicated' ? { tier, region: 'eu-west-1' } : {});
    const add = ['tenants', 'add', slug, '--yes'];
    const killed = await project.run(add, { env: { RINGFENCE_CRASH_AT: point } });
    if (killed.signal !== 'SIGKILL') return [`the run did not pass ${point}: ${killed.stderr}`];
    const again = await project.run(add);
    if (again.status !== 0) return [`the second run exited with ${again.status}: ${again.stderr}`];
    onboarded.push(slug);
    const { status } = await project.run(['tenants', 'preview', slug, '--expect-no-changes']);
    return [
      ...(status === 0 ? [] : ['a preview still shows changes']),
      ...(await leftovers(project, onboarded)),
    ];
  };

  const proveAll = async (
    points: readonly string[],
    prove: (point: string) => Promise<string[]>,
  ): Promise<number> => {
    const problems: Record<string, string[]> = {};
    for (const point of points) {
      const found = await prove(point);
      if (found.length > 0) problems[point] = found;
    }
    expect(problems).toEqual({});
    return points.length;
  };

  test('at a point where its cell is made', async () => {
    const count = await proveAll(CELL_POINTS, (point) => killAndRepeat(point, `a-${point}`, 'dedicated'));
    say(`crash points of a new cell: ${count} of ${CELL_POINTS.length} converged`);
  });

  test('at a point where the tenant is made', async () => {
    const count = await proveAll(TENANT_POINTS, (point) => killAndRepeat(point, `b-${point}`, 'shared'));
    say(`crash points of a tenant: ${count} of ${TENANT_POINTS.length} converged`);
  });

  test('and its stack and its cells are sound afterwards', async () => {
    for (const slug of onboarded.slice(0, 2)) {
      const { status, stdout } = await project.run([
        'pulumi',
        '--',
        'stack',
        'export',
        '-s',
        `tenant.${slug}`,
      ]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout).deployment.pending_operations ?? []).toEqual([]);
    }
    expect((await project.run(['schema', 'lint'])).status).toBe(0);
  });

  test('also when it removes a tenant', async () => {
    const count = await proveAll(REMOVAL_POINTS, async (point) => {
      const slug = onboarded.pop() ?? '';
      const remove = ['tenants', 'remove', slug, '--yes'];
      const killed = await project.run(remove, { env: { RINGFENCE_CRASH_AT: point } });
      if (killed.signal !== 'SIGKILL') return [`the run did not pass ${point}: ${killed.stderr}`];
      const again = await project.run(remove);
      if (again.status !== 0) return [`the second run exited with ${again.status}: ${again.stderr}`];
      return leftovers(project, onboarded);
    });
    say(`crash points of a removal: ${count} of ${REMOVAL_POINTS.length} converged`);
  });
});
