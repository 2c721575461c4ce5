import { type ChildProcess, fork } from 'node:child_process';
import type { CliProject } from '../../../support/cli.js';
import { HERE, THERE, type WatchedTenant } from '../watched-tenant.js';
import type { Answer, Errand, Part } from './mover.js';

/** A case: where a move, the rollback behind it and the end of its window are killed. */
interface Kills {
  readonly moving: string;
  readonly rolling: string;
  readonly withdrawing: string;
}

/** A tenant whose moves are killed again and again, beside those of others. Each case returns what went wrong. */
export interface Lane {
  killed(kills: Kills): Promise<string[]>;
  /** A move that is given up after a kill. */
  movingGivenUp(point: string): Promise<string[]>;
  /** A rollback that is given up after a kill, and done afterwards. */
  rollingGivenUp(point: string): Promise<string[]>;
  close(): void;
}

export const openLane = (project: CliProject, tenant: WatchedTenant, mover: string): Lane => {
  const { slug } = tenant;
  let child: ChildProcess | undefined;
  const close = (): void => {
    child?.kill('SIGKILL');
    child = undefined;
  };

  /** @returns `killed` when it ended itself. */
  const send = async (errand: Errand): Promise<Answer | 'killed'> => {
    child ??= fork(mover, [project.root, project.home], { env: project.env, execArgv: [] });
    const asked = child;
    asked.send(errand);
    const said = await new Promise<Answer | 'killed'>((resolve) => {
      asked.once('message', resolve);
      asked.once('exit', (status, signal) =>
        resolve(signal === 'SIGKILL' ? 'killed' : { error: `the mover exited with ${status}` }),
      );
    });
    asked.removeAllListeners();
    if (asked.exitCode !== null || asked.signalCode !== null) child = undefined;
    return said;
  };
  const kill = async (part: Part, killAt: string): Promise<string[]> => {
    const said = await send({ ...part, slug, killAt });
    return said === 'killed' ? [] : [`${part.what} did not pass ${killAt}: ${said.error ?? 'it was done'}`];
  };
  const wrong = (part: Part, said: Answer | 'killed'): string[] => {
    if (said === 'killed') return [`the mover was killed in ${part.what}`];
    return said.error === undefined ? [] : [`${part.what} did not come through: ${said.error}`];
  };
  const finish = async (part: Part): Promise<string[]> => wrong(part, await send({ ...part, slug }));
  /** Goes on by the operation's id, as the worker does, or by the command again where nothing was kept. */
  const goOn = async (part: Part): Promise<string[]> => {
    const newest = await tenant.newestOperation();
    if (newest?.state !== 'running' || part.what === 'withdraw') return finish(part);
    const resume: Part = { what: 'resume', operation: newest.id };
    const said = await send({ ...resume, slug });
    return said !== 'killed' && said.error?.includes('type `ringfence tenants move')
      ? finish(part)
      : wrong(resume, said);
  };
  /** At the last point all is done. */
  const killAndGoOn = async (part: Part, point: string): Promise<string[]> => [
    ...(await kill(part, point)),
    ...(point.endsWith(':ended') ? [] : await goOn(part)),
  ];
  const inWindow = async (cell: string): Promise<string[]> => {
    const [home, state] = [await tenant.home(), (await tenant.move())?.state];
    return home === cell && state === 'window' ? [] : [`the home is ${home} and the move ${state}`];
  };
  /** At once: behind a fence nobody writes until then. */
  const killAndGiveUp = async (part: Part, point: string): Promise<string[]> => [
    ...(await kill(part, point)),
    ...(await finish({ what: 'abort', operation: (await tenant.newestOperation())?.id ?? '' })),
  ];

  const MOVE: Part = { what: 'move', cell: THERE };
  const ROLLBACK: Part = { what: 'rollback' };
  const WITHDRAW: Part = { what: 'withdraw', cell: THERE };
  /** Under writers; ends with what their history and the cells say. Steps behind a problem are left out. */
  const underWriters = async (steps: readonly (() => Promise<string[]>)[]): Promise<string[]> => {
    const writers = await tenant.startWriters(2);
    const problems: string[] = [];
    for (const step of steps) {
      problems.push(...(await step()));
      if (problems.length > 0) break;
      await writers.wroteAgain();
    }
    return [...problems, ...(await writers.end()), ...(await tenant.unsettled(HERE))];
  };

  return {
    killed: ({ moving, rolling, withdrawing }) =>
      underWriters([
        () => killAndGoOn(MOVE, moving),
        () => inWindow(THERE),
        () => killAndGoOn(ROLLBACK, rolling),
        () => inWindow(HERE),
        async () => [
          ...(await kill(WITHDRAW, withdrawing)),
          ...((await tenant.move())?.state === 'purged' && withdrawing.endsWith(':ended')
            ? []
            : await finish(WITHDRAW)),
        ],
      ]),
    movingGivenUp: (point) => underWriters([() => killAndGiveUp(MOVE, point)]),
    rollingGivenUp: (point) =>
      underWriters([
        () => finish(MOVE),
        () => killAndGiveUp(ROLLBACK, point),
        () => inWindow(THERE),
        () => finish(ROLLBACK),
        () => finish(WITHDRAW),
      ]),
    close,
  };
};
