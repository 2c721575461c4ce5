const EACH_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * Refusals of one verified user that a process writes down in a minute. The database keeps so many of a clinic; one user
 * is not to use them up for the others.
 */
export const userBudget = (nowMs: () => number): { take(userId: string): boolean } => {
  const taken = new Map<string, number>();
  let minute = 0;
  return {
    take: (userId) => {
      const current = Math.floor(nowMs() / MINUTE_MS);
      if (current !== minute) taken.clear();
      minute = current;
      const count = taken.get(userId) ?? 0;
      if (count < EACH_MINUTE) taken.set(userId, count + 1);
      return count < EACH_MINUTE;
    },
  };
};
