import { type Difference, readDifferences } from '../defences.js';
import type { Failure, RepairRun } from './attempt.js';
import { pauseEventTriggers, resumeEventTriggers } from './event-triggers.js';
import { type Making, makeAgain } from './make-again.js';
import { nameObstacle } from './obstacles.js';

/** Objects that were dropped with a function, or need a key, are made again after it. */
const PASSES = 6;

/**
 * Makes every definition as the release has it, each in a subtransaction of its own, what keeps clinics apart first. What
 * an application put on the tables stays, or is made again where it went with something that had to be dropped.
 * @returns what differed; what still does has its obstacle.
 */
export const mendDefinitions = async (run: RepairRun): Promise<Difference[]> => {
  const found = new Map(
    (await readDifferences(run.client)).map((difference) => [keyOf(difference), difference]),
  );
  if (found.size === 0) return [];
  // Two repairs at once would refuse each other's changes.
  await run.client.query('LOCK TABLE ringfence_private.release IN SHARE ROW EXCLUSIVE MODE');
  const additions = await readAdditions(run);
  const paused = await pauseEventTriggers(run);
  const failures = new Map<string, Failure>();
  const makeAll = async (things: readonly Making[]): Promise<boolean> => {
    let any = false;
    for (const thing of things) {
      const failure = await makeAgain(run, thing);
      if (failure) failures.set(keyOf(thing), failure);
      else any = true;
    }
    return any;
  };
  for (let pass = 1; pass <= PASSES; pass++) {
    const things = (await readMakings(run)).filter(({ kind }) => kind !== 'event trigger');
    if (!(await makeAll(things.filter(({ make, unmake }) => make ?? unmake)))) break;
  }
  const kept = new Set((await readAdditions(run)).map(keyOf));
  const gone = additions.filter((addition) => !kept.has(keyOf(addition)));
  await makeAll(gone.map((addition) => ({ ...addition, unmake: null })));
  await resumeEventTriggers(run, paused);
  await makeAll((await readMakings(run)).filter(({ kind }) => kind === 'event trigger'));

  for (const difference of await readDifferences(run.client))
    found.set(keyOf(difference), nameObstacle(difference, failures.get(keyOf(difference))));
  const keptNow = new Set((await readAdditions(run)).map(keyOf));
  for (const { kind, object } of gone.filter((addition) => !keptNow.has(keyOf(addition))))
    found.set(
      keyOf({ kind, object }),
      nameObstacle(
        { kind, object, problem: 'of an application is lost' },
        failures.get(keyOf({ kind, object })),
      ),
    );
  return [...found.values()];
};

const keyOf = ({ kind, object }: Pick<Difference, 'kind' | 'object'>): string => `${kind} ${object}`;

const readMakings = async ({ client }: RepairRun): Promise<Making[]> =>
  (await client.query<Making>('SELECT kind, object, unmake, make FROM ringfence_private.differences()')).rows;

/** Policies, triggers, constraints and indexes that the release does not have and that take nothing away from it. */
const readAdditions = async ({ client }: RepairRun): Promise<Making[]> => {
  const { rows } = await client.query<Making>(
    `SELECT d.kind, d.object, d.unmake, d.make FROM ringfence_private.defences d
      WHERE d.unmake IS NOT NULL AND NOT d.widens
        AND NOT EXISTS (SELECT FROM ringfence_private.release r WHERE r.kind = d.kind AND r.object = d.object)
      ORDER BY d.place, d.object`,
  );
  return rows;
};
