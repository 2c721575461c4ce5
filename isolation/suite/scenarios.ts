import { BACK_YARD } from './back-yard/scenario.js';
import { BARRICADE } from './barricade/scenario.js';
import type { Scenario } from './case.js';
import { CROSSED_WIRES } from './crossed-wires/scenario.js';
import { FORGED_BADGE } from './forged-badge/scenario.js';
import { GHOST_TENANT } from './ghost-tenant/scenario.js';
import { HALF_MOVED_CLINIC } from './half-moved-clinic/scenario.js';
import { POISONED_LIFEBOAT } from './poisoned-lifeboat/scenario.js';
import { SCORCHED_EARTH } from './scorched-earth/scenario.js';
import { SIDE_DOOR } from './side-door/scenario.js';
import { TEA_LEAVES } from './tea-leaves/scenario.js';
import { WHISPER } from './whisper/scenario.js';
import { WRONG_KEY } from './wrong-key/scenario.js';

/** The named attack suite. A scenario is a list of cases: more are added to its list. */
export const SCENARIOS: readonly Scenario[] = [
  CROSSED_WIRES,
  FORGED_BADGE,
  WHISPER,
  SIDE_DOOR,
  WRONG_KEY,
  HALF_MOVED_CLINIC,
  POISONED_LIFEBOAT,
  GHOST_TENANT,
  SCORCHED_EARTH,
  TEA_LEAVES,
  BACK_YARD,
  BARRICADE,
];
