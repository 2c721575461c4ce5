import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';

let project: CliProject;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(() => {
  project = openCliProject();
});
afterAll(async () => {
  expect(await project.purge()).toEqual([]);
});

interface Row {
  readonly cell: string;
  readonly cube: string;
  readonly isNew: boolean;
  readonly shown: number;
}

test('a month of the cubes is published once; what cannot be published is refused with a reason', async () => {
  expect((await project.run(['analytics', 'publish'])).status).toBe(6);
  await project.json(['cells', 'up', 'quiet', '--yes']);
  const first = await project.json<Row[]>(['analytics', 'publish', '--month', '2026-01']);
  expect(first).toHaveLength(5);
  expect(first).toContainEqual(
    expect.objectContaining({ cell: 'quiet', cube: 'visits_by_age', isNew: true, shown: 0 }),
  );
  const second = await project.json<Row[]>(['analytics', 'publish', '--month', '2026-01', '--cell', 'quiet']);
  expect(second.map(({ isNew }) => isNew)).toEqual(first.map(() => false));
  expect((await project.run(['analytics', 'publish'])).stdout).toContain('published');
  for (const [options, status] of [
    [['--month', '2999-01'], 2],
    [['--month', 'January'], 2],
    [['--cell', 'nowhere'], 6],
  ] as const) {
    expect((await project.run(['analytics', 'publish', ...options])).status).toBe(status);
  }
});
