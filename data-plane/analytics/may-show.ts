import { type Group, total } from './group.js';

/** So many tenants may put together what they know of themselves and still learn nothing of another one. */
const COLLUDING_TENANTS = 3;
/** Those who collude, the one they are after, and one more behind whom it hides. */
export const TENANTS_MIN = COLLUDING_TENANTS + 2;
/** Of those whom the colluding tenants do not know already. */
const PATIENTS_MIN = 5;
/** How near they may come to another tenant's value, as a share of it. */
const NEAREST_SHARE = 0.2;

/**
 * Says whether the sum of a group may be known. Counts tenants, not clinics, because a tenant knows all of its branches.
 * Whichever three tenants subtract themselves, at least 5 patients are left, and what is left is at least 20 % more than
 * any one tenant in it (the p% rule of statistical disclosure control, Hundepool et al. 2012, for coalitions: it is worst
 * for the largest tenant and the three next ones).
 */
export const mayShow = (group: Group): boolean => {
  const shares = [...group.values()];
  const patients = descending(shares.map((share) => share.patients));
  const values = descending(shares.map((share) => share.value));
  const hiding = total(values.slice(COLLUDING_TENANTS + 1));
  return (
    shares.length >= TENANTS_MIN &&
    total(patients.slice(COLLUDING_TENANTS)) >= PATIENTS_MIN &&
    hiding > 0 &&
    hiding >= NEAREST_SHARE * (values[0] ?? 0)
  );
};

const descending = (figures: readonly number[]): number[] => [...figures].sort((a, b) => b - a);
