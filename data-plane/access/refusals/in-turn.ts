/** Does one thing after the other for each key, in the order in which they were asked for. */
export const inTurn = () => {
  const lasts = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const done = (lasts.get(key) ?? Promise.resolve()).then(work);
    const last = done.catch(() => undefined);
    lasts.set(key, last);
    void last.then(() => {
      if (lasts.get(key) === last) lasts.delete(key);
    });
    return done;
  };
};
