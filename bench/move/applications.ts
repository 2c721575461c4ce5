import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, ApplicationOptions, Lane, Request, Work } from './messages.js';

const PROGRAM = fileURLToPath(new URL('./application-process.ts', import.meta.url));

/** Processes that work on tenants by the access library. */
export interface Applications {
  readonly processes: number;
  /** Ends what they did, and has each work on one of these lanes in turn. */
  work(...lanes: readonly Lane[]): Promise<void>;
  /** What each has done since. */
  report(sinceMs: number): Promise<readonly Work[]>;
  /** What they have done in all lanes that have ended. */
  readonly done: { readonly writes: ReadonlyMap<string, number>; readonly problems: readonly string[] };
  close(): Promise<void>;
}

export const startApplications = async (
  processes: number,
  options: ApplicationOptions,
): Promise<Applications> => {
  const all = Array.from({ length: processes }, () => new Application());
  const writes = new Map<string, number>();
  const problems: string[] = [];
  /** Of each process. */
  let working: readonly (Lane | undefined)[] = [];
  const askAll = (request: (at: number) => Request): Promise<Work[]> =>
    Promise.all(all.map((application, at) => application.ask(request(at))));
  const count = (works: readonly Work[]): void => {
    for (const [at, work] of works.entries()) {
      const clinicId = working[at]?.clinicId;
      if (clinicId !== undefined) writes.set(clinicId, (writes.get(clinicId) ?? 0) + work.writes);
      problems.push(...work.problems);
    }
  };
  await askAll(() => ({ ask: 'open', options }));
  return {
    processes,
    done: { writes, problems },
    work: async (...lanes) => {
      const wanted = all.map((_, at) => lanes[at % lanes.length]);
      count(await askAll((at) => ({ ask: 'work', lanes: wanted[at] ? [wanted[at]] : [] })));
      working = wanted;
    },
    report: (sinceMs) => askAll(() => ({ ask: 'report', sinceMs })),
    close: async () => {
      await askAll(() => ({ ask: 'close' })).finally(() =>
        Promise.all(all.map((application) => application.end())),
      );
    },
  };
};

const NOTHING: Work = { samples: [], writes: 0, problems: [] };

class Application {
  readonly #child: ChildProcess = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor() {
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.number)?.(answer));
    this.#child.on('exit', () => {
      for (const [number, answered] of this.#waiting) answered({ number, error: 'an application has ended' });
    });
  }

  async ask(request: Request): Promise<Work> {
    const number = ++this.#asked;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(number, resolve));
    this.#child.send({ ...request, number });
    const { work, error } = await answered;
    this.#waiting.delete(number);
    if (error !== undefined) throw new Error(error);
    return work ?? NOTHING;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
