import fc from 'fast-check';
import type { TenantDatabase } from '../../../../data-plane/access/tenant-database.js';
import { SERVICE } from '../clinic-scene.js';

/** Random programs of an application, what performs them, and a model of what they save. */
type Step =
  | { readonly do: 'insert' | 'join'; readonly name: string }
  | { readonly do: 'fail' | 'join failing' | 'BEGIN' | 'COMMIT' | 'ROLLBACK' }
  | { readonly do: 'SAVEPOINT' | 'RELEASE' | 'ROLLBACK TO'; readonly name: string }
  | { readonly do: 'nested'; readonly nested: Nested }
  | { readonly do: 'at once'; readonly nested: readonly Nested[]; readonly name: string };
interface Nested {
  readonly steps: Program;
  readonly throws: boolean;
}
export type Program = readonly Step[];

const rowName = fc.uuid().map((id) => id.slice(0, 13));
const savepointName = fc.constantFrom('a', '"A b"');

const { program: steps } = fc.letrec<{ program: Program; nested: Nested; step: Step }>((tie) => ({
  program: fc.array(tie('step'), { maxLength: 12, size: 'max', depthIdentifier: 'program' }),
  nested: fc.record({ steps: tie('program'), throws: fc.boolean() }),
  step: fc.oneof(
    { depthIdentifier: 'program', maxDepth: 3, depthSize: 'small' },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('insert', 'join'), name: rowName }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('fail', 'join failing') }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('BEGIN', 'COMMIT', 'ROLLBACK') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('SAVEPOINT', 'RELEASE', 'ROLLBACK TO'),
        name: savepointName,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('nested'), nested: tie('nested') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('at once'),
        nested: fc.array(tie('nested'), { maxLength: 3 }),
        name: rowName,
      }),
    },
  ) as fc.Arbitrary<Step>,
}));

/** Long ones that do hardly anything but open and end savepoints and transactions. */
const controls = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('insert' as const), name: rowName }),
    fc.record({ do: fc.constantFrom('BEGIN' as const, 'COMMIT' as const, 'ROLLBACK' as const) }),
    fc.record({
      do: fc.constantFrom('SAVEPOINT' as const, 'RELEASE' as const, 'ROLLBACK TO' as const),
      name: savepointName,
    }),
  ),
  { minLength: 6, maxLength: 16, size: 'max' },
);
/** Most end whatever transactions of a library they have left open. */
const ending = fc.constantFrom<Program>(
  [],
  Array.from({ length: 6 }, () => ({ do: 'COMMIT' })),
  Array.from({ length: 6 }, () => ({ do: 'ROLLBACK' })),
);
export const program: fc.Arbitrary<Program> = fc
  .tuple(fc.oneof(steps, controls), ending)
  .map((parts) => parts.flat());

export interface Application {
  readonly db: TenantDatabase;
  run<T>(work: (db: TenantDatabase) => Promise<T>): Promise<T>;
  /** Inserts by `access.query`. */
  add(name: string): Promise<unknown>;
}

/** Does what the steps say, catches whatever one of them throws, and notes whether it did. */
export const perform = async (steps: Program, application: Application, trace: boolean[]): Promise<void> => {
  for (const step of steps) {
    const isDone = await performStep(step, application, trace).then(
      () => true,
      () => false,
    );
    trace.push(isDone);
  }
};

const performStep = async (step: Step, application: Application, trace: boolean[]): Promise<unknown> => {
  const { db, run, add } = application;
  const nest = ({ steps, throws }: Nested, noted: boolean[]) =>
    run(async (inner) => {
      await perform(steps, { ...application, db: inner }, noted);
      if (throws) throw new Error('of the nested work');
    });
  switch (step.do) {
    case 'insert':
      return db.query(SERVICE, [step.name]);
    case 'join':
      return add(step.name);
    case 'join failing':
      return add(null as never);
    case 'fail':
      return db.query('SELECT 1/0');
    case 'nested':
      return nest(step.nested, trace);
    case 'at once':
      return (
        await Promise.allSettled([
          ...step.nested.map((nested) => nest(nested, [])),
          db.query(SERVICE, [step.name]),
        ])
      ).at(-1);
    default:
      return db.client.query('name' in step ? `${step.do} ${step.name}` : step.do);
  }
};

interface Level {
  names: readonly string[];
  /** Whether a statement failed, so that only going back to a savepoint is left. */
  failed: boolean;
  /** Savepoints, and BEGIN for a library's transaction, with the rows that there were before. */
  open: readonly { readonly name: string; readonly names: readonly string[] }[];
}

const isEnded = ({ failed, open }: Level): boolean => !failed && !open.some(({ name }) => name === 'BEGIN');

/** @returns whether the nested run was kept. */
const modelNested = (outer: Level, { steps, throws }: Nested, trace: boolean[]): boolean => {
  if (outer.failed) return false;
  const inner: Level = { names: outer.names, failed: false, open: [] };
  for (const step of steps) trace.push(modelStep(step, inner, trace));
  const isKept = isEnded(inner) && !throws;
  if (isKept) outer.names = inner.names;
  return isKept;
};

/** @returns whether the step was done and did not throw. */
const modelStep = (step: Step, level: Level, trace: boolean[]): boolean => {
  const insert = (name: string): boolean => {
    if (!level.failed) level.names = [...level.names, name];
    return !level.failed;
  };
  const open = (name: string): boolean => {
    if (!level.failed) level.open = [...level.open, { name, names: level.names }];
    return !level.failed;
  };
  const goBack = (position: number, kept: number): boolean => {
    level.names = level.open[position]?.names ?? [];
    level.open = level.open.slice(0, kept);
    level.failed = false;
    return true;
  };
  const release = (position: number): boolean => {
    if (level.failed || position < 0) return false;
    level.open = level.open.slice(0, position);
    return true;
  };
  const begun = level.open.map(({ name }) => name === 'BEGIN').lastIndexOf(true);
  const positionOf = (wanted: string): number => {
    const position = level.open.map(({ name }) => name).lastIndexOf(wanted);
    return position > begun ? position : -1;
  };
  switch (step.do) {
    case 'insert':
    case 'join':
      return insert(step.name);
    case 'join failing':
      return false;
    case 'fail':
      level.failed = true;
      return false;
    case 'BEGIN':
      return open('BEGIN');
    case 'SAVEPOINT':
      return open(step.name);
    case 'COMMIT':
      return release(begun);
    case 'RELEASE':
      return release(positionOf(step.name));
    case 'ROLLBACK':
      return begun >= 0 && goBack(begun, begun);
    case 'ROLLBACK TO': {
      const position = positionOf(step.name);
      return position >= 0 && goBack(position, position + 1);
    }
    case 'nested':
      return modelNested(level, step.nested, trace);
    case 'at once':
      for (const nested of step.nested) modelNested(level, nested, []);
      insert(step.name);
      return true;
  }
};

/** What the run's promise says, the rows that there must be afterwards, and which steps were done. */
export const endOfRun = (steps: Program, throws: boolean) => {
  const level: Level = { names: [], failed: false, open: [] };
  const trace: boolean[] = [];
  for (const step of steps) trace.push(modelStep(step, level, trace));
  const isSaved = isEnded(level) && !throws;
  return { outcome: isSaved ? 'saved' : 'refused', names: isSaved ? [...level.names].sort() : [], trace };
};
