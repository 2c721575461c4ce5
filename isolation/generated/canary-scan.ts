import { CANARY_ID_FIRST, CANARY_ID_LAST } from '../suite/canary-ids.js';

const START = CANARY_ID_FIRST.slice(0, 15);
/** Ids of throw-away tenants and clinics, with and without hyphens, and their markers. */
const CANARY = new RegExp(
  `${START}[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|${START.replaceAll('-', '')}[0-9a-f]{19}|canary[0-9a-f]{18}`,
  'gi',
);

/** The ends of the range, which statements name themselves. */
const ENDS: readonly string[] = [CANARY_ID_FIRST, CANARY_ID_LAST];

/** Whether a text shows a canary that is not among these. */
export const showsForeign = (text: string, own: ReadonlySet<string>): boolean => {
  for (const [found] of text.matchAll(CANARY)) {
    const canary = found.toLowerCase();
    if (!own.has(canary) && !ENDS.includes(canary)) return true;
  }
  return false;
};

/** As they may appear in what a clinic sees: ids also without hyphens. */
export const canarySet = (canaries: readonly string[]): ReadonlySet<string> =>
  new Set(canaries.flatMap((canary) => [canary, canary.replaceAll('-', '')]));
