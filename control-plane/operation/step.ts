import type pg from 'pg';
import type { ErrorCode } from '../../core/errors.js';
import type { TenantState } from '../../core/lifecycle.js';
import type { Runtime } from '../runtime.js';
import type { OperationKind } from './kinds.js';
import type { Operation } from './store.js';

/** Whom an operation is about. `erased` for one whose record is gone. */
export interface Subject {
  readonly id: string;
  readonly slug: string;
  readonly state: TenantState;
}

/** One thing that an operation does. Done again, whole or from anywhere within, it comes to the same. */
export interface Step<Context> {
  readonly name: string;
  /** Progress does not tell of it. */
  readonly isQuiet?: boolean;
  /** Named points that a run passes within, in their order; a test may kill the process at each. */
  readonly points?: readonly string[];
  readonly run: (runtime: Runtime, context: Context, operation: Operation) => Promise<void>;
  /** Takes back what a run of it did, or began. Can be done again. Absent where there is no way back. */
  readonly undo?: (runtime: Runtime, undoing: Pick<Subject, 'slug'>) => Promise<void>;
}

/** What comes before the record: refuses what must not begin, and finds, or makes, its tenant. */
interface Preparation<Request, Context> {
  /** Absent for one that changes nothing, so that being killed in it is no case. */
  readonly name?: string;
  /** Named points that a run passes within where it makes what was not there, in their order. */
  readonly points?: readonly string[];
  readonly run: (runtime: Runtime, request: Request) => Promise<Context>;
}

/** All that is to know of one kind of operation. `Context` is what its steps share, and write what they found into. */
export interface OperationTable<Request, Context extends { readonly tenant: Subject }> {
  readonly kind: OperationKind;
  readonly prepare: Preparation<Request, Context>;
  /** In the order in which they are done. */
  readonly steps: readonly Step<Context>[];
  /** What is written down when a step, or the end, failed. */
  readonly fail?: (runtime: Runtime, context: Context, code: ErrorCode) => Promise<void>;
  /** What becomes true together with the end of the operation, in one transaction of the control database. */
  readonly conclude?: (runtime: Runtime, context: Context, client: pg.PoolClient) => Promise<void>;
}

/** The point that is passed when a step is done. */
export const pointOf = (kind: OperationKind, step: string): string => `${kind}:${step}`;

/** Steps that every operation has. No table may use their names. */
export const BEGUN = 'begun';
export const ENDED = 'ended';

/** Every point that a run passes, in its order. @returns those before the record apart. */
export const pointsOf = ({
  kind,
  prepare,
  steps,
}: {
  readonly kind: OperationKind;
  readonly prepare: Pick<Preparation<never, never>, 'name' | 'points'>;
  readonly steps: readonly Pick<Step<never>, 'name' | 'points'>[];
}): { readonly before: readonly string[]; readonly recorded: readonly string[] } => ({
  before: [...(prepare.points ?? []), ...(prepare.name === undefined ? [] : [pointOf(kind, prepare.name)])],
  recorded: [
    pointOf(kind, BEGUN),
    ...steps.flatMap(({ name, points = [] }) => [...points, pointOf(kind, name)]),
    pointOf(kind, ENDED),
  ],
});
