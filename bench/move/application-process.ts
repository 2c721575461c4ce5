import { setTimeout as pause } from 'node:timers/promises';
import {
  type Access,
  createAccess,
  type LocalProject,
  openLocalProject,
} from '../../data-plane/access/index.js';
import type { Answer, ApplicationOptions, Asked, Lane, Work } from './messages.js';
import { type Sample, sharedMs } from './samples.js';

// One application on the access library, as a process of its own: it writes and reads until it is told to end.

/** Between two rounds of a lane. */
const PAUSE_MS = 10;
const PROBLEMS_KEPT = 20;

let options: ApplicationOptions;
let project: LocalProject;
let access: Access;
let lanes: Promise<void>[] = [];
let isOver = false;
let samples: Sample[] = [];
let writes = 0;
let problems: string[] = [];

const openAccess = (): Access => {
  const { keys, issuer, audience } = options;
  return createAccess({ directory: project.directory, keys, issuer, audience, moveWaitMs: 60_000 });
};

const open = (wanted: ApplicationOptions): void => {
  options = wanted;
  project = openLocalProject(options.home);
  access = openAccess();
};

const write = async ({ token, clinicId }: Lane): Promise<Sample> => {
  const beganMs = sharedMs();
  const { rows } = await access.run(token, clinicId, (db) =>
    db.query<{ id: string }>(
      `INSERT INTO clinical.services (name, duration_minutes) VALUES ('written meanwhile', 30) RETURNING id`,
    ),
  );
  const sample = { beganMs, endedMs: sharedMs() };
  writes++;
  await read({ token, clinicId, reads: rows[0]?.id ?? '' });
  return sample;
};

const read = async ({ token, clinicId, reads }: Lane): Promise<Sample> => {
  const beganMs = sharedMs();
  const text = 'SELECT name FROM clinical.services WHERE id = $1';
  const { rowCount } = await access.query(token, clinicId, text, [reads], { readOnly: true });
  if (rowCount !== 1) throw new Error(`a row that is there was read ${rowCount} times`);
  return { beganMs, endedMs: sharedMs() };
};

const work = async (lane: Lane): Promise<void> => {
  while (!isOver) {
    try {
      samples.push(await (lane.reads === undefined ? write(lane) : read(lane)));
    } catch (error) {
      if (problems.length < PROBLEMS_KEPT) problems.push(String(error));
    }
    await pause(PAUSE_MS);
  }
};

const end = async (): Promise<void> => {
  isOver = true;
  await Promise.all(lanes);
};

/** Without connections at first: a move leads applications to a cell that they have none to. @returns what it did before. */
const begin = async (wanted: readonly Lane[]): Promise<Work> => {
  await end();
  const done = report(0);
  await access.close();
  access = openAccess();
  [isOver, samples, writes, problems] = [false, [], 0, []];
  lanes = wanted.map(work);
  return done;
};

const report = (sinceMs: number): Work => ({
  samples: samples.filter(({ endedMs }) => endedMs >= sinceMs),
  writes,
  problems,
});

const answer = async (asked: Asked): Promise<Work | undefined> => {
  if (asked.ask === 'open') open(asked.options);
  else if (asked.ask === 'work') return begin(asked.lanes);
  else if (asked.ask === 'report') return report(asked.sinceMs);
  else {
    await end();
    await access.close();
    await project.close();
    return report(0);
  }
  return undefined;
};

process.on('message', (asked: Asked) => {
  const say = (said: Omit<Answer, 'number'>): void => void process.send?.({ number: asked.number, ...said });
  answer(asked).then(
    (work) => say(work ? { work } : {}),
    (error: unknown) => say({ error: String(error) }),
  );
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
