/** Keeps so many values by key, and lets go of the one that was not asked for longest. */
export const lastUsed = <Value>(kept: number, make: () => Value): ((key: string) => Value) => {
  /** In the order in which they were asked for last. */
  const values = new Map<string, Value>();
  return (key) => {
    const value = values.get(key) ?? make();
    values.delete(key);
    values.set(key, value);
    const [oldest] = values.keys();
    if (values.size > kept && oldest !== undefined) values.delete(oldest);
    return value;
  };
};
