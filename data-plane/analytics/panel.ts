import { TENANTS_MIN } from './may-show.js';

/** A tenant with a clinic of a vertical. */
export interface Member {
  readonly vertical: string;
  readonly tenantId: string;
}

/**
 * The tenants that count, by vertical: of the members in the order of their enrolment the first 5, 10, 15 and so on.
 * One enrolment so never makes the difference between two months. A tenant that leaves takes four others with it, or the
 * next one takes its place: two months differ by more than one tenant then too. A vertical with fewer is not in it.
 */
export const panelOf = (members: readonly Member[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const verticals = [...new Set(members.map(({ vertical }) => vertical))];
  return new Map(
    verticals.flatMap((vertical) => {
      const ofVertical = members.filter((member) => member.vertical === vertical);
      const tenants = [...new Set(ofVertical.map(({ tenantId }) => tenantId))];
      const counted = tenants.slice(0, tenants.length - (tenants.length % TENANTS_MIN));
      return counted.length > 0 ? [[vertical, new Set(counted)] as const] : [];
    }),
  );
};
