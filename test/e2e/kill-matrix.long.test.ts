import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADD_PLACEMENT } from '../../control-plane/moves/add-placement.js';
import { WITHDRAW_PLACEMENT } from '../../control-plane/moves/withdraw-placement.js';
import { pointOf, pointsOf } from '../../control-plane/operation/step.js';
import { DEPLOYMENTS } from '../../control-plane/provisioning/deployment-steps.js';
import { REMOVAL } from '../../control-plane/removal/removal-steps.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';
import { leftovers } from './leftovers.js';

const { add, 'restore-removed': restoreRemoved, apply } = DEPLOYMENTS;
/** A point of the cell is met on a new cell only. */
const CELL_POINTS = add.prepare.points ?? [];
const TENANT_POINTS = [pointOf('add', add.prepare.name ?? ''), ...pointsOf(add).recorded];
const REMOVAL_POINTS = pointsOf(REMOVAL).recorded;
/** Of the steps that `tenants add` has not. */
const ownPoints = ({ kind, steps }: (typeof DEPLOYMENTS)['add']): string[] =>
  steps.filter((step) => !add.steps.includes(step)).map(({ name }) => pointOf(kind, name));

const say = (line: string): void => void process.stdout.write(`${line}\n`);

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('a run that is killed at any point is finished by the same command (docs/threats.md 32)', () => {
  let project: CliProject;
  const onboarded: string[] = [];
  let removed: string[] = [];
  const passwordModes: number[] = [];

  beforeAll(() => {
    project = openCliProject();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  /** Kills a command at each of the points, one run after the other, and ends it. @returns what went wrong. */
  const killAtEach = async (
    points: readonly string[],
    args: readonly string[],
    end: () => Promise<readonly string[]> = async () => args,
  ): Promise<string[]> => {
    for (const point of points) {
      const killed = await project.run(args, { env: { RINGFENCE_CRASH_AT: point } });
      if (killed.signal !== 'SIGKILL') return [`the run did not pass ${point}: ${killed.stderr}`];
      passwordModes.push(...modesOfPasswordFiles(project));
    }
    const last = await end();
    const { status, stderr } = await project.run(last);
    if (status === 0) return [];
    return [`after ${points.join()}, ${last.join(' ')} exited with ${status}: ${stderr}`];
  };
  /** A command for the operation of a tenant that was killed. */
  const broken = async (what: 'resume' | 'abort', slug: string): Promise<string[]> => {
    const [newest] = await project.json<{ id: string; state: string }[]>([
      'operations',
      'list',
      '--tenant',
      slug,
    ]);
    return ['operations', what, newest?.id ?? '', '--yes'];
  };
  const killAdd = async (point: string, slug: string): Promise<string[]> => {
    // No point lies in the preview.
    const problems = await killAtEach([point], ['tenants', 'add', slug, '--yes', '--skip-preview']);
    if (problems.length === 0) onboarded.push(slug);
    return problems;
  };
  const nameOf = (prefix: string, point: string): string => `${prefix}-${point.replace(':', '-')}`;

  test('at a point where its cell is made', async () => {
    const problems = await eachAtOnce(2, CELL_POINTS, (point) => {
      const slug = nameOf('a', point);
      project.manifest(slug, { tier: 'dedicated', region: 'eu-west-1' });
      return killAdd(point, slug);
    });
    expect([...problems, ...(await leftovers(project, onboarded))]).toEqual([]);
    say(`crash points of a new cell: ${onboarded.length} of ${CELL_POINTS.length} converged`);
  });

  test('at a point where the tenant is made', async () => {
    const before = onboarded.length;
    const problems = await eachAtOnce(2, TENANT_POINTS, (point) => {
      const slug = nameOf('b', point);
      project.manifest(slug);
      return killAdd(point, slug);
    });
    expect([...problems, ...(await leftovers(project, onboarded))]).toEqual([]);
    say(`crash points of a tenant: ${onboarded.length - before} of ${TENANT_POINTS.length} converged`);
  });

  test('and leaves a password to its own user alone', () => {
    expect(passwordModes.length).toBeGreaterThan(0);
    expect([...new Set(passwordModes)]).toEqual([0o600]);
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
    const preview = await project.run(['tenants', 'preview', '--all', '--expect-no-changes']);
    expect([preview.status, preview.stderr]).toEqual([0, '']);
  });

  test('also when it removes a tenant', async () => {
    removed = onboarded.splice(0, 2);
    await project.json(['tenants', 'suspend', removed[0] ?? '', '--reason', 'unpaid', '-y']);
    const problems = await eachAtOnce(2, removed, (slug) => {
      const points = REMOVAL_POINTS.filter((_, at) => at % 2 === removed.indexOf(slug));
      // The last point is passed when all is done: nothing is left to go on with.
      const isOver = points.includes(REMOVAL_POINTS.at(-1) ?? '');
      return killAtEach(points, ['tenants', 'remove', slug, '--confirm', slug], () =>
        isOver ? Promise.resolve(['operations', 'list', '--tenant', slug]) : broken('resume', slug),
      );
    });
    expect([...problems, ...(await leftovers(project, onboarded))]).toEqual([]);
    say(`crash points of a removal: ${REMOVAL_POINTS.length} of ${REMOVAL_POINTS.length} converged`);
  });

  test('also when it makes a further cell ready, and takes a tenant out of it', async () => {
    const [slug = ''] = onboarded;
    const cell = 'shared-eu-west-1';
    await project.json(['cells', 'up', cell, '--region', 'eu-west-1']);
    const adding = pointsOf(ADD_PLACEMENT).recorded;
    const withdrawing = pointsOf(WITHDRAW_PLACEMENT).recorded;
    const withdraw = ['placements', 'withdraw', slug, cell, '--confirm', slug];
    const problems = [
      ...(await killAtEach(adding, ['placements', 'add', slug, cell, '--yes'])),
      // The last point is passed when all is done: nothing is left to withdraw.
      ...(await killAtEach(withdrawing, withdraw, async () => ['placements', 'list', slug])),
    ];
    expect([...problems, ...(await leftovers(project, onboarded))]).toEqual([]);
    expect(await project.json(['placements', 'list', slug])).toMatchObject([
      { state: 'home' },
      { cell, state: 'left', epoch: 2 },
    ]);
    say(
      `crash points of a placement: ${adding.length + withdrawing.length} of ${adding.length + withdrawing.length} converged`,
    );
  });

  test('also when it brings a removed tenant back, changes one, or gives a removal up', async () => {
    const [back = '', ...stay] = [removed[0], ...onboarded.slice(-2)];
    const [changed = '', kept = ''] = stay;
    project.manifest(changed, { legalName: 'Otra' });
    const problems = await eachAtOnce(
      2,
      [
        () => killAtEach(ownPoints(restoreRemoved), ['tenants', 'restore-removed', back, '--yes']),
        () => killAtEach(ownPoints(apply), ['tenants', 'apply', changed, '--yes']),
        () => killAtEach(['remove:backup'], ['tenants', 'remove', kept, '-y'], () => broken('abort', kept)),
      ],
      (work) => work(),
    );
    onboarded.push(back);
    expect([...problems, ...(await leftovers(project, onboarded))]).toEqual([`${back} is suspended`]);
  });
});

/** Of the files that give an engine its administrator's password. */
const modesOfPasswordFiles = (project: CliProject): number[] =>
  filesBelow(join(project.home, 'workspace')).flatMap((file) => {
    const found = file.includes('pgpass') ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return found ? [found.mode & 0o777] : [];
  });

/** Works on all items, a few at once. @returns what all of them found. */
const eachAtOnce = async <T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<string[]>,
): Promise<string[]> => {
  const queue = [...items];
  const found: string[] = [];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      found.push(...(await work(item)));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return found;
};
