import { RingfenceError } from './errors.js';

/**
 * The states of a tenant. A `removed` tenant keeps its key and its backups. `erased` is final: such a tenant has no record
 * any more.
 */
export const TENANT_STATES = [
  'provisioning',
  'active',
  'suspended',
  'removing',
  'removed',
  'erased',
] as const;
export type TenantState = (typeof TENANT_STATES)[number];

/** Every allowed step. */
export const TENANT_TRANSITIONS: Readonly<Record<TenantState, readonly TenantState[]>> = {
  provisioning: ['active', 'removing'],
  active: ['suspended', 'removing'],
  suspended: ['active', 'removing'],
  // A removal whose last backup cannot be taken, or that is given up, lets the tenant go on as before.
  removing: ['active', 'suspended', 'removed', 'erased'],
  removed: ['provisioning', 'erased'],
  erased: [],
};

export const mayTransition = (from: TenantState, to: TenantState): boolean =>
  TENANT_TRANSITIONS[from].includes(to);

/** Throws RingfenceError `conflict`, naming the states that are allowed, when the step is not. */
export function assertTransition(from: TenantState, to: TenantState): void {
  if (mayTransition(from, to)) return;
  const allowed = TENANT_TRANSITIONS[from];
  throw new RingfenceError('conflict', `a tenant that is ${from} cannot become ${to}`, {
    fix: allowed.length === 0 ? 'an erased tenant is final' : `allowed from ${from}: ${allowed.join(', ')}`,
  });
}

/**
 * The states of a tenant's placement in a cell. `home` takes its people in. `arriving` and `leaving` are closed, while it
 * moves. `left` had it once; only its backups are there.
 */
export const PLACEMENT_STATES = ['arriving', 'home', 'leaving', 'left'] as const;
export type PlacementState = (typeof PLACEMENT_STATES)[number];

/** Every allowed step. A tenant that was removed and comes back to another cell has left the one before. */
export const PLACEMENT_TRANSITIONS: Readonly<Record<PlacementState, readonly PlacementState[]>> = {
  arriving: ['home', 'left'],
  home: ['leaving', 'left'],
  leaving: ['home', 'left'],
  left: ['arriving', 'home'],
};

/** The kinds of holds, which keep a tenant from being erased. */
export const HOLD_KINDS = ['legal-hold', 'retention-duty'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** State of a clinic's subscription. */
export const SUBSCRIPTION_STATES = [
  'TRIAL',
  'ACTIVE',
  'PAST_DUE',
  'SUSPENDED',
  'CANCELED',
  'EXPIRED',
] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** Length of the trial that every new clinic starts with. */
export const TRIAL_DAYS = 14;

/** Every allowed step of a subscription. */
export const SUBSCRIPTION_TRANSITIONS: Readonly<Record<SubscriptionState, readonly SubscriptionState[]>> = {
  TRIAL: ['ACTIVE', 'EXPIRED', 'CANCELED', 'SUSPENDED'],
  ACTIVE: ['PAST_DUE', 'CANCELED', 'SUSPENDED'],
  PAST_DUE: ['ACTIVE', 'CANCELED', 'EXPIRED', 'SUSPENDED'],
  SUSPENDED: ['ACTIVE', 'CANCELED'],
  CANCELED: ['ACTIVE'],
  EXPIRED: ['ACTIVE'],
};

export const maySubscriptionTransition = (from: SubscriptionState, to: SubscriptionState): boolean =>
  SUBSCRIPTION_TRANSITIONS[from].includes(to);

/** Writes go on only in TRIAL and ACTIVE. */
export const subscriptionMayWrite = (state: SubscriptionState): boolean =>
  state === 'TRIAL' || state === 'ACTIVE';
