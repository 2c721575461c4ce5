/** The judgement of one rule on one subject. Only `passed` is good: what is unknown has not passed. */
export type Verdict =
  | { readonly verdict: 'passed' }
  | { readonly verdict: 'violated'; readonly message: string; readonly fix: string }
  | { readonly verdict: 'cannot-tell'; readonly unknown: string };

export const PASSED: Verdict = { verdict: 'passed' };

/** The message goes on after the name of the subject: `is public`. */
export const violated = (message: string, fix: string): Verdict => ({ verdict: 'violated', message, fix });

/** What is unknown, and who would know it. */
export const cannotTell = (unknown: string): Verdict => ({ verdict: 'cannot-tell', unknown });

/** The worst of several: violations first, joined; then what is unknown. Undefined of none. */
export const worst = (verdicts: readonly (Verdict | undefined)[]): Verdict | undefined => {
  const given = verdicts.filter((verdict) => verdict !== undefined);
  const broken = given.filter((verdict) => verdict.verdict === 'violated');
  if (broken.length > 0)
    return violated(joined(broken.map(({ message }) => message)), joined(broken.map(({ fix }) => fix)));
  const open = given.filter((verdict) => verdict.verdict === 'cannot-tell');
  if (open.length > 0) return cannotTell(joined(open.map(({ unknown }) => unknown)));
  return given[0];
};

const joined = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
