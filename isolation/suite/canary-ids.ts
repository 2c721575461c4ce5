import { randomUUID } from 'node:crypto';

/**
 * Ids of throw-away tenants and clinics are UUIDs of version 8 with a fixed start, which no id of a real tenant has (those
 * are of version 4 or 5). So the remains of a killed run are found by their ids alone, in every table and store.
 */
const START = 'ca7a5e7e-0000-8';

export const CANARY_ID_FIRST = `${START}000-0000-000000000000`;
export const CANARY_ID_LAST = `${START}fff-ffff-ffffffffffff`;
/** The beginning of every throw-away tenant's slug, for people. */
export const CANARY_SLUG_PREFIX = 'canary-';

export const canaryId = (): string => `${START}${randomUUID().slice(START.length)}`;

/** The prefix of their backups in an object store. */
export const CANARY_OBJECTS = 'isolation-test/';
/** The beginning of the keys of all their objects, also of the copies of their wrapped keys. */
export const CANARY_PREFIXES = [CANARY_OBJECTS, START] as const;
