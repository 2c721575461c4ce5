/**
 * Works on every item, at most `concurrency` of them at one time, taken in order. @returns the results in the order of
 * the items. The first failure is thrown when the work that had begun has ended; what had not begun is left.
 */
export const atOnce = async <I, R>(
  items: readonly I[],
  concurrency: number,
  work: (item: I) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failure) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  if (failure) throw failure.error;
  return results;
};
