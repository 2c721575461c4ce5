import { RingfenceError } from './errors.js';

/** Where a tenant is in its life. `archived` keeps the data without serving it; `erased` is final. */
export const TENANT_STATES = ['provisioning', 'active', 'suspended', 'archived', 'erased'] as const;
export type TenantState = (typeof TENANT_STATES)[number];

/** Every allowed step. A failed onboarding may be erased; erasure is otherwise reached through the archive. */
export const TENANT_TRANSITIONS: Readonly<Record<TenantState, readonly TenantState[]>> = {
  provisioning: ['active', 'erased'],
  active: ['suspended', 'archived'],
  suspended: ['active', 'archived'],
  archived: ['active', 'erased'],
  erased: [],
};

export const mayTransition = (from: TenantState, to: TenantState): boolean =>
  TENANT_TRANSITIONS[from].includes(to);

/** Throws RingfenceError `conflict`, naming the states that are allowed, when the step is not. */
export function assertTransition(from: TenantState, to: TenantState): void {
  if (mayTransition(from, to)) return;
  const allowed = TENANT_TRANSITIONS[from];
  throw new RingfenceError('conflict', `a tenant that is ${from} cannot become ${to}`, {
    fix: allowed.length === 0 ? 'An erased tenant is final.' : `Allowed from ${from}: ${allowed.join(', ')}.`,
  });
}

/** What keeps a tenant from being erased. */
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
