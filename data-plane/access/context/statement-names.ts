/** Statements that are kept prepared on each connection. Each takes some tens of kilobytes of the server's memory. */
const KEPT_STATEMENTS = 100;
const WATCHED_TEXTS = 1_000;

/**
 * Names for statements that come again, so that the server parses and plans them once a connection. Only texts with
 * parameters get one: those are the application's, without anybody's values in them.
 */
export interface StatementNames {
  nameOf(text: string, values: readonly unknown[]): string | undefined;
}

export const statementNames = (): StatementNames => {
  const names = new Map<string, string>();
  const seenOnce = new Set<string>();
  return {
    nameOf(text, values) {
      if (values.length === 0) return undefined;
      const known = names.get(text);
      if (known !== undefined || names.size >= KEPT_STATEMENTS) return known;
      if (!seenOnce.delete(text)) {
        if (seenOnce.size >= WATCHED_TEXTS) seenOnce.clear();
        seenOnce.add(text);
        return undefined;
      }
      const name = `ringfence_${names.size}`;
      names.set(text, name);
      return name;
    },
  };
};
