import { randomUUID } from 'node:crypto';

/**
 * Ids of throw-away tenants and clinics are UUIDs of version 8 with a fixed start, which no id of a real tenant has
 * (those are of version 4 or 5). So whatever a killed run left is found by its id alone, in every table and store.
 */
const START = 'ca7a5e7e-0000-8';

export const CANARY_ID_FIRST = `${START}000-0000-000000000000`;
export const CANARY_ID_LAST = `${START}fff-ffff-ffffffffffff`;
/** What the slug of every throw-away tenant begins with, for people. */
export const CANARY_SLUG_PREFIX = 'canary-';

export const canaryId = (): string => `${START}${randomUUID().slice(START.length)}`;

/** Where their backups are kept in an object store. */
export const CANARY_OBJECTS = 'isolation-test/';
/** What the keys of all their objects begin with, those of copies of their wrapped keys too. */
export const CANARY_PREFIXES = [CANARY_OBJECTS, START] as const;
