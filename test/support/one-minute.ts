const ATTEMPTS = 5;
const minuteNow = (): number => Math.floor(Date.now() / 60_000);

/** Runs work that counts within one minute of the clock; again where a minute ended during it and it failed. */
export const inOneMinute = async (work: (attempt: number) => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const minute = minuteNow();
    try {
      return await work(attempt);
    } catch (error) {
      if (minuteNow() === minute || attempt === ATTEMPTS) throw error;
    }
  }
};
