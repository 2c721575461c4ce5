/** What one tenant adds to a group of cells. `patients` are distinct people, `value` is in the cube's unit. */
export interface Share {
  readonly patients: number;
  readonly value: number;
}

/** The shares of a group of cells by tenant id, without tenants that add nothing. */
export type Group = ReadonlyMap<string, Share>;

/** Cells taken together, as whoever subtracts published cells from their total sees them. */
export const together = (groups: readonly Group[]): Group => {
  const sum = new Map<string, Share>();
  for (const [tenantId, share] of groups.flatMap((group) => [...group])) {
    const known = sum.get(tenantId) ?? { patients: 0, value: 0 };
    sum.set(tenantId, { patients: known.patients + share.patients, value: known.value + share.value });
  }
  return sum;
};

export const patientTotal = (group: Group): number =>
  total([...group.values()].map(({ patients }) => patients));

export const valueTotal = (group: Group): number => total([...group.values()].map(({ value }) => value));

export const total = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0);
