import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { moveTenant } from '../../../control-plane/moves/move-tenant.js';
import { rollbackMove } from '../../../control-plane/moves/rollback-move.js';
import { type FarLine, openLine, withFarCells } from './far-server.js';
import { HERE, SLUG, say, THERE, useMovedClinic } from './moved-clinic.js';

const SEEDS = Array.from({ length: Number(process.env.RINGFENCE_SEEDS ?? 1) }, (_, at) => at + 1);

const clinic = useMovedClinic();
const { project } = clinic;
const MOVE_THERE = ['tenants', 'move', SLUG, '--to', THERE, '--yes', '--drain-ms', '3000'];
const WITHDRAW = ['placements', 'withdraw', SLUG, THERE, '--confirm', SLUG];
const rollback = async (): Promise<string[]> => [
  ...['operations', 'rollback', (await clinic.move())?.id ?? ''],
  ...['--yes', '--drain-ms', '3000'],
];
/** What an application may see of a server that is killed: it cannot know whether the last COMMIT came through. */
const OF_SERVERS = ['database_unavailable', 'timeout', 'tenant_moving', 'database_refused'];

/** Goes on with what a dead server has stopped, until it is done. */
const settle = async (args: readonly string[]): Promise<string[]> => {
  let last: string[] = [];
  for (let tries = 0; tries < 4; tries++) {
    const up = await project.run(['cells', 'up']);
    if (up.status !== 0) last = [`cells up exited with ${up.status}: ${up.stderr}`];
    const [newest] = await project.control<{ state: string }>(
      'SELECT state FROM control.operations WHERE slug = $1 ORDER BY started_at DESC LIMIT 1',
      [SLUG],
    );
    if (newest?.state === 'done') return [];
    const { status, stderr } = await project.run(await clinic.broken('resume'));
    if (status === 0) return [];
    last = [`resume exited with ${status}: ${stderr}`];
    if (stderr.includes('is not kept')) last = await clinic.finish(args);
    if (last.length === 0) return [];
  }
  return last;
};

const kill = async (name: string): Promise<void> => {
  const server = project.servers().find((one) => one.name === name);
  if (server?.pid) process.kill(server.pid, 'SIGKILL');
};

describe.each([
  ['the source', HERE],
  ['the destination', THERE],
  ['the control database', 'control'],
])('%s is killed at any time', (_, name) => {
  test.each(SEEDS)('%i', async () => {
    const writers = await clinic.startWriters(3);
    const problems: string[] = [];
    for (const isBack of [false, true]) {
      const command = isBack ? await rollback() : MOVE_THERE;
      const run = project.start(command);
      // The work on streams and rows, and not what comes before and after, is what a kill is to meet.
      await run.said(isBack ? '› follow' : '› copy');
      await pause(Math.random() * 2_500);
      await kill(name);
      const { status } = await run.result;
      say(`  ${command[0]} ${command[1]} ended with ${status}`);
      problems.push(...(await settle(command)));
      expect(problems).toEqual([]);
      await writers.wroteAgain();
    }
    problems.push(...(await clinic.finish(WITHDRAW)));
    await writers.wroteAgain();
    expect([...problems, ...(await writers.end(OF_SERVERS)), ...(await clinic.unsettled(HERE))]).toEqual([]);
  });
});

describe('the servers are far from each other', () => {
  const lines = new Map<string, FarLine>();
  afterEach(() => {
    for (const line of lines.values()) line.close();
    lines.clear();
  });
  const portOf = async (cell: string): Promise<number> =>
    Number((await project.cell<{ port: string }>(cell, 'SHOW port'))[0]?.port);
  const openBoth = async (latencyMs: number): Promise<void> => {
    for (const cell of [HERE, THERE]) lines.set(cell, await openLine(await portOf(cell), latencyMs));
  };
  const REQUEST = { slug: SLUG, to: THERE, windowHours: 24, drainMs: 3_000 };

  test.each([10, 40])(
    'by %i ms in each direction: the move and its rollback come through',
    async (latencyMs) => {
      await openBoth(latencyMs);
      const writers = await clinic.startWriters(3);
      const [there, back] = await withFarCells(
        project,
        lines,
        () => undefined,
        async (runtime) => [
          await moveTenant(runtime, REQUEST),
          await rollbackMove(runtime, { slug: SLUG, drainMs: 3_000 }),
        ],
      );
      await writers.wroteAgain();
      const [roundTripMs, paused] = [
        2 * latencyMs,
        [there, back].map((move) => Math.round(move?.report.pauseMs ?? 0)),
      ];
      say(`  ${roundTripMs} ms away: paused for ${paused.join(' and ')} ms`);
      expect(await clinic.finish(WITHDRAW)).toEqual([]);
      expect([...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
    },
  );

  test.each(['slot-made', 'rows-copied', 'caught-up', 'fenced', 'arrived', 'closed', 'flipped'])(
    'and the line is cut at %s for a while: the move goes on when it is back',
    async (point) => {
      await openBoth(5);
      const writers = await clinic.startWriters(3);
      const cut = withFarCells(
        project,
        lines,
        (reached) => {
          if (reached !== point) return;
          for (const line of lines.values()) line.cut();
          setTimeout(() => {
            for (const line of lines.values()) line.mend();
          }, 3_000);
        },
        (runtime) => moveTenant(runtime, REQUEST),
      );
      const code = await cut.then(
        () => 'done',
        (error: { code?: string }) => error.code ?? String(error),
      );
      say(`  cut at ${point}: ${code}`);
      await pause(3_000);
      const problems = await settle(MOVE_THERE);
      await writers.wroteAgain();
      problems.push(...(await clinic.finish(await rollback())), ...(await clinic.finish(WITHDRAW)));
      expect([...problems, ...(await writers.end()), ...(await clinic.unsettled(HERE))]).toEqual([]);
    },
  );
});
