import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../../../support/cli.js';
import { MOVING, ROLLING, turn, upToFlip, WITHDRAWING } from '../kill-points.js';
import { deployBothCells, streamsLeft, UNBOUNDED } from '../moved-clinic.js';
import { say, watchTenant } from '../watched-tenant.js';
import { quickBuild } from './build.js';
import { type Lane, openLane } from './lane.js';

// Every point of a move, each so often, by the built use cases with real servers, without the engine and the backup behind the switch. With them:
// killed-moves.

const SEEDS = Number(process.env.RINGFENCE_SEEDS ?? 1);
/** The seeds before were run earlier. */
const FIRST_SEED = Number(process.env.RINGFENCE_FIRST_SEED ?? 0);
/** A process waits most of its time: a few keep two cores busy. */
const LANES = Number(process.env.RINGFENCE_LANES ?? 4);
/** Slower than the writers of other tests, because there are so many. */
const WRITER_PAUSE_MS = 600;

const project = openCliProject();
const lanes: Lane[] = [];
beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
beforeAll(async () => {
  const slugs = Array.from({ length: LANES }, (_, at) => `mudanza-${at + 1}`);
  for (const slug of slugs) project.manifest(slug, { quotas: UNBOUNDED });
  await deployBothCells(project);
  for (const slug of slugs) await project.json(['demo', 'load', slug, '--patients', '5']);
  const { mover, writer } = await quickBuild(join(project.root, 'build'));
  for (const slug of slugs) {
    const tenant = await watchTenant(project, slug, { program: [writer], pauseMs: WRITER_PAUSE_MS });
    lanes.push(openLane(project, tenant, mover));
  }
});
afterAll(async () => {
  for (const lane of lanes) lane.close();
  expect(await project.purge()).toEqual([]);
});

interface Case {
  readonly name: string;
  readonly run: (lane: Lane) => Promise<string[]>;
}

/** Every lane takes the next case. A lane whose tenant is not as before takes no other. @returns what went wrong. */
const runAll = async (cases: readonly Case[]): Promise<string[]> => {
  const open = [...cases];
  const problems: string[] = [];
  let done = 0;
  const work = async (lane: Lane): Promise<void> => {
    for (let next = open.shift(); next; next = open.shift()) {
      const found = await next.run(lane);
      problems.push(...found.map((problem) => `${next?.name}: ${problem}`));
      say(`${++done} of ${cases.length}: ${next.name}${found.length > 0 ? `: ${found.join('; ')}` : ''}`);
      if (found.length > 0) return;
    }
  };
  await Promise.all(lanes.map(work));
  return [...problems, ...open.map(({ name }) => `${name}: not run`)];
};

const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST_SEED + at);

test('killed at every point, a move, its rollback and the end of its window come through with every write', async () => {
  const cases = seeds.flatMap((seed) =>
    MOVING.map((moving, at): Case => {
      const kills = {
        moving,
        rolling: turn(ROLLING, at + seed),
        withdrawing: turn(WITHDRAWING, at + seed),
      };
      return {
        name: `a move killed at ${moving}, its rollback at ${kills.rolling}, the end of its window at ${kills.withdrawing}`,
        run: (lane) => lane.killed(kills),
      };
    }),
  );
  expect(await runAll(cases)).toEqual([]);
  say(
    `${SEEDS} times ${MOVING.length} points of a move, ${ROLLING.length} of a rollback, ${WITHDRAWING.length} of the end of a window`,
  );
});

test('killed at every point before the flip, a move and a rollback can be given up', async () => {
  const cases = seeds.flatMap(() => [
    ...upToFlip(MOVING).map(
      (point): Case => ({
        name: `a move killed at ${point}, given up`,
        run: (lane) => lane.movingGivenUp(point),
      }),
    ),
    ...upToFlip(ROLLING).map(
      (point): Case => ({
        name: `a rollback killed at ${point}, given up`,
        run: (lane) => lane.rollingGivenUp(point),
      }),
    ),
  ]);
  expect(await runAll(cases)).toEqual([]);
});

test('nothing of a move is left', async () => {
  expect(await streamsLeft(project)).toEqual([]);
});
