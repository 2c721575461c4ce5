/** Something in a file that keeps it from being imported. It never repeats a value, which could be a person's. */
export interface ImportProblem {
  /** As the source names it. */
  readonly file: string;
  /** From 1; null for the file as a whole. */
  readonly line: number | null;
  /** As the export or the mapping names it; null for the row as a whole. */
  readonly column: string | null;
  readonly message: string;
}

/** Problems that are kept; `total` counts the others too. */
const KEPT = 100_000;

/** Collects every problem, so that all are told at once. */
export interface Problems {
  readonly total: number;
  add(problem: ImportProblem): void;
  /** By file in the order of the import, then by line. */
  sorted(): ImportProblem[];
}

export const collectProblems = (): Problems => {
  const kept: ImportProblem[] = [];
  const files = new Map<string, number>();
  let total = 0;
  const orderOf = ({ file }: ImportProblem): number => files.get(file) ?? 0;
  return {
    get total() {
      return total;
    },
    add(problem) {
      total += 1;
      if (!files.has(problem.file)) files.set(problem.file, files.size);
      if (kept.length < KEPT) kept.push(problem);
    },
    sorted: () => [...kept].sort((a, b) => orderOf(a) - orderOf(b) || (a.line ?? 0) - (b.line ?? 0)),
  };
};
