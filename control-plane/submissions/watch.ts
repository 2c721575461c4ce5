import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { connectAlone } from '../project/own-session.js';
import type { Runtime } from '../runtime.js';
import { countAhead, getSubmission, type Output, readOutput, type Submission } from './store.js';
import { listAtWork } from './workers.js';

/** A notification is a hint: what it would tell is found at the latest after this. */
const LOOK_AGAIN_AFTER_MS = 1_000;
/** Without any worker at work for this long, nobody waits on. */
const WAIT_FOR_WORKER_MS = 60_000;

interface Watching {
  /** Each piece of its output, once, in its order. */
  readonly onOutput: (output: Output) => void;
  /** A change of where it stands, in words. */
  readonly onNews: (line: string) => void;
}

/**
 * Watches a submission from its beginning until it has ended.
 * @throws RingfenceError `submission_not_found`; `worker_missing` where no worker is at work for a minute: it stays submitted.
 */
export const watchSubmission = async (
  { control }: Pick<Runtime, 'control'>,
  id: string,
  { onOutput, onNews }: Watching,
): Promise<Submission & { readonly exitStatus: number }> => {
  const hints = await listen(control, id);
  const news = newsOf(onNews);
  let place = 0;
  let aloneSinceMs: number | undefined;
  try {
    for (;;) {
      const submission = await getSubmission(control, id);
      const output = await readOutput(control, id, place);
      for (const piece of output) onOutput(piece);
      place = output.at(-1)?.place ?? place;
      const { exitStatus } = submission;
      if (exitStatus !== null) {
        if (output.length === 0) return { ...submission, exitStatus };
        continue;
      }
      news(await standing(control, submission));
      if (submission.isAtWork || (await listAtWork(control)).length > 0) aloneSinceMs = undefined;
      else aloneSinceMs ??= performance.now();
      if (aloneSinceMs !== undefined && performance.now() - aloneSinceMs > WAIT_FOR_WORKER_MS)
        throw abandoned(id);
      await hints.next();
    }
  } finally {
    await hints.end();
  }
};

/** Where it stands, in words; undefined where there is nothing to say. */
const standing = async (
  control: pg.Pool,
  { id, state, worker, isAtWork, attempt }: Submission,
): Promise<string | undefined> => {
  if (state === 'running')
    return isAtWork
      ? `worker ${worker} has it${attempt > 1 ? `, which is attempt ${attempt}` : ''}`
      : `worker ${worker} is lost; another one takes it up, as soon as one is at work`;
  const ahead = await countAhead(control, id);
  return ahead === 0 ? undefined : `waiting for a worker; ${ahead} were submitted before it`;
};

/** Says each thing once, until there is another. */
const newsOf = (say: (line: string) => void): ((line: string | undefined) => void) => {
  let last: string | undefined;
  return (line) => {
    if (line === undefined || line === last) return;
    last = line;
    say(line);
  };
};

const abandoned = (id: string): RingfenceError =>
  new RingfenceError('worker_missing', `no worker is at work; submission ${id} stays`, {
    fix: `start one in the network of the cell with \`ringfence worker\`, which takes it up, and watch it with \`ringfence submissions watch ${id}\``,
  });

/** Notifications about one submission. `next` resolves at one, and after a second without. */
const listen = async (control: pg.Pool, id: string) => {
  const client = await connectAlone(control, 'ringfence watching');
  let wake = (): void => undefined;
  client.on('notification', ({ payload }) => {
    if (payload === id) wake();
  });
  await client.query('LISTEN ringfence_submission');
  return {
    next: async (): Promise<void> => {
      const ended = new AbortController();
      const hint = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([
        hint,
        pause(LOOK_AGAIN_AFTER_MS, undefined, { signal: ended.signal }).catch(() => undefined),
      ]);
      ended.abort();
    },
    end: async (): Promise<void> => {
      await client.end().catch(() => undefined);
    },
  };
};
