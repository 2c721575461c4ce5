import { LIMITS_CLASS } from '../../../targets/edge/worker-settings.js';

/** What the platform says of a Worker that has the class of the tenants' objects. */
export const OBJECTS_TAG = 'v1';

/** Makes the class, with SQLite. A class that keeps pairs could never become one with SQLite. */
export const FIRST_MIGRATION = { newTag: OBJECTS_TAG, newSqliteClasses: [LIMITS_CLASS] };
