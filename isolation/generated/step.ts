import fc from 'fast-check';

/** The kinds of generated steps; `play.ts` plays them. */
const STEP_WEIGHTS = {
  enter: 10,
  begin: 3,
  commit: 8,
  rollback: 3,
  chain: 1,
  savepoint: 4,
  'rollback to savepoint': 4,
  read: 14,
  count: 4,
  view: 4,
  copy: 1,
  prepared: 5,
  'open cursor': 5,
  'fetch from cursor': 6,
  oracle: 5,
  write: 9,
  'reach for another clinic': 12,
  'forge the context': 6,
  'forge a token': 3,
  'change the session': 4,
  'clean the session': 2,
  fail: 3,
  'run into a time limit': 1,
  cancel: 1,
  terminate: 0.3,
} as const;
export type StepKind = keyof typeof STEP_WEIGHTS;

export const CONNECTIONS = 3;
const CLINICS = 4;

/** One step of a sequence, in plain numbers, so that it is shrunk, printed and replayed. */
export interface Step {
  readonly kind: StepKind;
  /** The connection of the pool. */
  readonly connection: number;
  /** The clinic that is entered, or attacked. */
  readonly clinic: number;
  /** The table, modulo the number of tables. */
  readonly table: number;
  /** The form of the step, modulo the number of forms. */
  readonly form: number;
  /** Acts as an application that enters before it works and protects its transaction by savepoints. */
  readonly careful: boolean;
}

const kind = fc.oneof(
  ...Object.entries(STEP_WEIGHTS).map(([name, weight]) => ({
    weight: Math.round(weight * 10),
    arbitrary: fc.constant(name as StepKind),
  })),
);

const step: fc.Arbitrary<Step> = fc.record({
  kind,
  // More on one of them, so that a connection is reused within a sequence.
  connection: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(CONNECTIONS - 1) },
  ),
  clinic: fc.nat(CLINICS - 1),
  table: fc.nat(63),
  form: fc.nat(63),
  careful: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
});

/** Sequences of 4 to 24 steps. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 4, maxLength: 24, size: 'max' });

export const describeStep = ({ kind, connection, clinic, table, form, careful }: Step): string =>
  `connection ${connection}: ${kind} (clinic ${clinic}, table ${table}, form ${form}${careful ? ', careful' : ''})`;
