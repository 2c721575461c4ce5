/** `; did you mean "x"?` when a candidate is close to what was written, otherwise `; allowed: ...`. */
export function suggest(written: string, candidates: readonly string[]): string {
  const close = closest(written, candidates);
  return close === undefined ? `; allowed: ${candidates.join(', ')}` : `; did you mean "${close}"?`;
}

function closest(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > 60) return undefined;
  const reach = Math.max(1, Math.floor(written.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(fold(written), fold(candidate)) }))
    .filter((entry) => entry.distance <= reach)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** legal_name, legal-name and legalname are all legalName. */
const fold = (key: string): string => key.toLowerCase().replace(/[_-]/g, '');

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const swap = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, swap));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
