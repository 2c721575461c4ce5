import type { Scenario } from '../case.js';
import { HOSTILE, SOUND, TAMPERED } from './cases.js';

export const POISONED_LIFEBOAT: Scenario = {
  name: 'poisoned-lifeboat',
  title: 'Poisoned Lifeboat',
  about:
    "Backups that are empty, cut, altered, reordered, someone else's or made by hand are offered to the restore; sound ones are restored beside a neighbour whose rows must not be touched.",
  cases: () => [...SOUND, ...TAMPERED, ...HOSTILE],
};
