import type { Scenario } from '../case.js';
import { ENVELOPES } from './envelopes.js';
import { TENANT_KEYS } from './tenant-keys.js';

export const WRONG_KEY: Scenario = {
  name: 'wrong-key',
  title: 'Wrong Key',
  about:
    'Sealed fields are opened with the keys of other tenants, clinics and versions, at other places, damaged in every byte; wrapped keys are swapped; keys are destroyed and the key service goes down.',
  cases: () => [...ENVELOPES, ...TENANT_KEYS],
};
