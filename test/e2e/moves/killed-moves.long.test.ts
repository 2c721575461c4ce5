import { expect, test } from 'vitest';
import { SWITCH_POINTS } from '../../../data-plane/moves/switch-home.js';
import { MOVING, ROLLING, turn, upToFlip, WITHDRAWING } from './kill-points.js';
import { HERE, SLUG, say, THERE, useMovedClinic } from './moved-clinic.js';

/** How often every point is met, each time under other writes. */
const SEEDS = Array.from({ length: Number(process.env.RINGFENCE_SEEDS ?? 1) }, (_, at) => at + 1);

/** With RINGFENCE_SEEDS every point is met so often; without it each fourth, and all between the fence and the opening. */
const IN_THE_SWITCH: readonly string[] = SWITCH_POINTS;
const chosen = (points: readonly string[]): string[] =>
  process.env.RINGFENCE_SEEDS === undefined
    ? points.filter((point, at) => at % 4 === 0 || IN_THE_SWITCH.includes(point))
    : [...points];

const clinic = useMovedClinic();
const { project } = clinic;
const MOVE_THERE = ['tenants', 'move', SLUG, '--to', THERE, '--yes', '--drain-ms', '3000'];
const WITHDRAW = ['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG];
const rollback = async (): Promise<string[]> => [
  ...['operations', 'rollback', (await clinic.move())?.id ?? ''],
  ...['--yes', '--drain-ms', '3000'],
];
/** At the last point all is done. */
const killAndFinish = async (point: string, args: readonly string[]): Promise<string[]> => [
  ...(await clinic.killAt(point, args)),
  ...(point.endsWith(':ended') ? [] : await clinic.finish(args)),
];

test.each(
  SEEDS.flatMap((seed) =>
    chosen(MOVING).map((point, at) => [seed, point, turn(ROLLING, at), turn(WITHDRAWING, at)] as const),
  ),
)(
  'killed (%i): a move at %s, its rollback at %s, the end of its window at %s',
  async (_, moving, rolling, withdrawing) => {
    const writers = await clinic.startWriters(3);
    const problems = [...(await killAndFinish(moving, MOVE_THERE))];
    expect(problems).toEqual([]);
    expect([await clinic.home(), (await clinic.move())?.state]).toEqual([THERE, 'window']);
    await writers.wroteAgain();
    const back = await rollback();
    problems.push(...(await killAndFinish(rolling, back)));
    expect(problems).toEqual([]);
    expect([await clinic.home(), (await clinic.move())?.state]).toEqual([HERE, 'window']);
    await writers.wroteAgain();
    problems.push(...(await clinic.killAt(withdrawing, WITHDRAW)));
    if ((await clinic.move())?.state !== 'purged') problems.push(...(await clinic.finish(WITHDRAW)));
    await writers.wroteAgain();
    expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
  },
);

test.each(SEEDS.flatMap((seed) => chosen(upToFlip(MOVING)).map((point) => [seed, point] as const)))(
  'given up (%i): a move that was killed at %s',
  async (_, point) => {
    const writers = await clinic.startWriters(3);
    const problems = await clinic.killAt(point, MOVE_THERE);
    const { status, stderr } = await project.run(await clinic.broken('abort'));
    expect([status, stderr, problems]).toEqual([0, expect.any(String), []]);
    await writers.wroteAgain();
    expect([...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
  },
);

test.each(SEEDS.flatMap((seed) => chosen(upToFlip(ROLLING)).map((point) => [seed, point] as const)))(
  'given up (%i): a rollback that was killed at %s',
  async (_, point) => {
    const writers = await clinic.startWriters(3);
    const problems = await clinic.finish(MOVE_THERE);
    problems.push(...(await clinic.killAt(point, await rollback())));
    const { status, stderr } = await project.run(await clinic.broken('abort'));
    expect([status, stderr, problems]).toEqual([0, expect.any(String), []]);
    expect([await clinic.home(), (await clinic.move())?.state]).toEqual([THERE, 'window']);
    await writers.wroteAgain();
    problems.push(...(await clinic.finish(await rollback())), ...(await clinic.finish(WITHDRAW)));
    await writers.wroteAgain();
    expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
  },
);

test('the points that were met', () => {
  say(
    `${SEEDS.length} times: ${chosen(MOVING).length} of ${MOVING.length} points of a move, as many of a rollback and of the end of a window; ${chosen(upToFlip(MOVING)).length + chosen(upToFlip(ROLLING)).length} given up`,
  );
});
