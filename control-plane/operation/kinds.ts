import { TENANT_STATES, type TenantState } from '../../core/lifecycle.js';

interface KindOfOperation {
  /** The operation works on rows, keys or resources of the tenant. Otherwise it only records a decision. */
  readonly changesTenant: boolean;
  /**
   * Maps each state in which the operation may begin to the states that the tenant passes through; the last one is the end.
   * Empty where the state does not change.
   */
  readonly ways: Readonly<Partial<Record<TenantState, readonly TenantState[]>>>;
}

const staysIn = (states: readonly TenantState[]): KindOfOperation['ways'] =>
  Object.fromEntries(states.map((state) => [state, []]));

const DEPLOYED = ['provisioning', 'active', 'suspended', 'removing'] as const;
const REGISTERED = TENANT_STATES.filter((state) => state !== 'erased');
const DEPLOYMENT: KindOfOperation = {
  changesTenant: true,
  ways: { provisioning: ['active'], active: [], removed: ['provisioning', 'active'] },
};

/** Every kind of operation that is recorded, once; the database's CHECK is tested against it. */
const KINDS = {
  add: DEPLOYMENT,
  apply: DEPLOYMENT,
  remove: {
    changesTenant: true,
    ways: {
      provisioning: ['removing', 'removed'],
      active: ['removing', 'removed'],
      suspended: ['removing', 'removed'],
      removing: ['removed'],
    },
  },
  // A tenant that was suspended before its removal is suspended again at the end.
  'restore-removed': {
    changesTenant: true,
    ways: { provisioning: ['active'], removed: ['provisioning', 'active'] },
  },
  'add-placement': { changesTenant: true, ways: staysIn(['active', 'suspended']) },
  'withdraw-placement': { changesTenant: true, ways: staysIn(['active', 'suspended']) },
  move: { changesTenant: true, ways: staysIn(['active', 'suspended']) },
  'rehearse-move': { changesTenant: true, ways: staysIn(['active', 'suspended']) },
  'rollback-move': { changesTenant: true, ways: staysIn(['active', 'suspended']) },
  restore: { changesTenant: true, ways: staysIn(DEPLOYED) },
  // Its cell's replica took over: noted of every tenant at home there.
  failover: { changesTenant: false, ways: staysIn(DEPLOYED) },
  import: { changesTenant: true, ways: staysIn(DEPLOYED) },
  hold: { changesTenant: false, ways: staysIn(REGISTERED) },
  'release-hold': { changesTenant: false, ways: staysIn(REGISTERED) },
  'request-erasure': { changesTenant: false, ways: { ...staysIn(REGISTERED), active: ['suspended'] } },
  'cancel-erasure': { changesTenant: false, ways: { ...staysIn(REGISTERED), suspended: ['active'] } },
  erase: {
    changesTenant: true,
    ways: {
      provisioning: ['removing', 'erased'],
      active: ['suspended', 'removing', 'erased'],
      suspended: ['removing', 'erased'],
      removing: ['erased'],
      removed: ['erased'],
      // Its record is gone, its certificate not written yet.
      erased: [],
    },
  },
} satisfies Record<string, KindOfOperation>;

export type OperationKind = keyof typeof KINDS;

export const OPERATION_KINDS: Readonly<Record<OperationKind, KindOfOperation>> = KINDS;

export const OPERATION_KIND_NAMES = Object.keys(KINDS) as OperationKind[];

/** Kinds after whose failure the engine may have left a lock or a torn step. */
export const CHANGING_KINDS = OPERATION_KIND_NAMES.filter((kind) => OPERATION_KINDS[kind].changesTenant);

/** Of the record of an operation. */
export const OPERATION_STATES = ['running', 'done', 'failed', 'aborted'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

/** Of the record of a step. */
export const STEP_STATES = ['begun', 'done', 'undone'] as const;
export type StepState = (typeof STEP_STATES)[number];
