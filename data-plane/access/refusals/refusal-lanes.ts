const UNKNOWN_AT_ONCE = 100;
const USER_AT_ONCE = 10;
const USERS_AT_ONCE = 1_000;

/**
 * How many refusals may be under way at once: 100 of callers whom no token identifies, and beside them 1,000 of verified
 * users, 10 of each. So a flood of garbage crowds out no known user, and no user another one.
 */
export interface RefusalLanes {
  /** @returns what ends it, or undefined when the lane is full. */
  enter(userId: string | null): (() => void) | undefined;
}

export const refusalLanes = (): RefusalLanes => {
  const underWay = new Map<string | null, number>();
  let verified = 0;
  return {
    enter: (userId) => {
      const held = underWay.get(userId) ?? 0;
      const isFull =
        userId === null ? held >= UNKNOWN_AT_ONCE : held >= USER_AT_ONCE || verified >= USERS_AT_ONCE;
      if (isFull) return undefined;
      underWay.set(userId, held + 1);
      if (userId !== null) verified++;
      return () => {
        const left = (underWay.get(userId) ?? 1) - 1;
        if (left > 0) underWay.set(userId, left);
        else underWay.delete(userId);
        if (userId !== null) verified--;
      };
    },
  };
};
