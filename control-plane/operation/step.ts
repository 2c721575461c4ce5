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

/** An operation that is given up. */
interface Undoing extends Pick<Subject, 'slug'> {
  readonly operation: string;
}

/** A step of an operation. Repeated, whole or from any point within, it comes to the same. */
export interface Step<Context> {
  readonly name: string;
  /** Progress does not tell of it. */
  readonly isQuiet?: boolean;
  /** Named points within the step, in their order. A test may kill the process at each. */
  readonly points?: readonly string[];
  readonly run: (runtime: Runtime, context: Context, operation: Operation) => Promise<void>;
  /** Undoes a run of the step, also a part of one. Can be repeated. Absent where there is no way back. */
  readonly undo?: (runtime: Runtime, undoing: Undoing) => Promise<void>;
}

/** The preparation before the record: refuses an operation that must not begin, and finds or makes its tenant. */
interface Preparation<Request, Context> {
  /** Absent for a preparation that changes nothing: a kill in it needs no test. */
  readonly name?: string;
  /** Named points within the making of something new, in their order. */
  readonly points?: readonly string[];
  readonly run: (runtime: Runtime, request: Request) => Promise<Context>;
}

/** The description of one kind of operation. Its steps share `Context` and write their findings into it. */
export interface OperationTable<Request, Context extends { readonly tenant: Subject }> {
  readonly kind: OperationKind;
  readonly prepare: Preparation<Request, Context>;
  /** In the order in which they are done. */
  readonly steps: readonly Step<Context>[];
  /** The record of a failure of a step, or of the end. */
  readonly fail?: (runtime: Runtime, context: Context, code: ErrorCode) => Promise<void>;
  /** Runs in the same transaction of the control database as the end of the operation. */
  readonly conclude?: (runtime: Runtime, context: Context, client: pg.PoolClient) => Promise<void>;
}

/** The point after a step. */
export const pointOf = (kind: OperationKind, step: string): string => `${kind}:${step}`;

/** Steps that every operation has. No table may use their names. */
export const BEGUN = 'begun';
export const ENDED = 'ended';

/** Every point of a run, in its order. @returns the points before the record separately. */
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
