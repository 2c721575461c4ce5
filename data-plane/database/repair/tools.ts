import { RingfenceError } from '../../../core/errors.js';
import { type Difference, readDifferences } from '../defences.js';
import type { RepairRun } from './attempt.js';
import { pauseEventTriggers, resumeEventTriggers } from './event-triggers.js';
import { makeAgain } from './make-again.js';
import { nameObstacle } from './obstacles.js';

interface Tool {
  readonly kind: string;
  readonly object: string;
  readonly isThere: boolean;
  readonly make: string;
}

/** A definition may need an object that a later one makes. */
const PASSES = 4;

/**
 * Makes the functions and views of ringfence_private as the release has them: what compares and repairs is among them, and
 * whoever replaced it decides what is found. It needs the table of the release and nothing else of the cell.
 * @returns what was otherwise.
 * @throws RingfenceError `schema_unsafe` when nothing can be compared all the same.
 */
export const restoreTools = async (run: RepairRun): Promise<Difference[]> => {
  const found = await readTools(run);
  if (found.length === 0) return [];
  const paused = await pauseEventTriggers(run);
  const failures = new Map<string, string>();
  let left = found;
  for (let pass = 1; pass <= PASSES && left.length > 0; pass++) {
    for (const tool of left) {
      const failure = await makeAgain(run, { ...tool, unmake: null });
      if (failure) failures.set(tool.object, failure.sqlState);
    }
    left = await readTools(run);
  }
  await resumeEventTriggers(run, paused);
  await requireComparison(run, left);
  const stillOtherwise = new Set(left.map(({ object }) => object));
  return found.map((tool) => {
    const difference = {
      kind: tool.kind,
      object: tool.object,
      problem: tool.isThere ? 'is another than in this release' : 'is missing',
    };
    return stillOtherwise.has(tool.object)
      ? nameObstacle(difference, { sqlState: failures.get(tool.object) ?? '' })
      : difference;
  });
};

const requireComparison = async ({ client }: RepairRun, left: readonly Tool[]): Promise<void> => {
  await client.query('SAVEPOINT comparison');
  try {
    await readDifferences(client);
  } catch (cause) {
    await client.query('ROLLBACK TO comparison');
    throw new RingfenceError(
      'schema_unsafe',
      `the cell cannot compare itself with its release${left.length > 0 ? `: ${left.map(({ object }) => object).join(', ')} cannot be made again` : ''}`,
      { fix: 'run `ringfence schema lint`, mend what it names, and run this again; no row is lost', cause },
    );
  }
};

const readTools = async ({ client }: RepairRun): Promise<Tool[]> => (await client.query<Tool>(TOOLS)).rows;

const TOOLS = `
  SELECT r.kind, r.object, r.make, coalesce(p.oid, c.oid) IS NOT NULL AS "isThere"
    FROM ringfence_private.release r
    LEFT JOIN pg_proc p ON p.pronamespace = 'ringfence_private'::regnamespace AND p.prokind IN ('f', 'p')
     AND r.kind = 'function' AND r.object = p.oid::regprocedure::text
    LEFT JOIN pg_class c ON c.relnamespace = 'ringfence_private'::regnamespace AND c.relkind = 'v'
     AND r.kind = 'view' AND r.object = c.oid::regclass::text
   WHERE r.kind IN ('function', 'view') AND r.object LIKE 'ringfence\\_private.%'
     AND r.make IS DISTINCT FROM coalesce(pg_get_functiondef(p.oid),
           format('CREATE OR REPLACE VIEW %s%s AS %s', c.oid::regclass, ' WITH (' || array_to_string(c.reloptions, ', ') || ')', pg_get_viewdef(c.oid)))
   ORDER BY r.kind, r.object`;
