import type { Permission } from './permission.js';

/** What an application calls with `ringfence/access`: it opens keys, and makes none. */
export const APPLICATION: readonly Permission[] = [
  { action: 'kms:Decrypt', on: 'tenantKeyInContext', calls: ['kms:Decrypt'] },
];
