import type { Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { type Judging, nameOf, type Promises, type Resource, type Subject } from './subject.js';
import type { Verdict } from './verdict.js';

/** A verdict, of which rule on which subject. */
export type Judgement = Verdict & {
  readonly rule: string;
  readonly level: Rule['level'];
  readonly on: Subject['kind'];
  /** A manifest's path, a URN, or the name of an observed thing. */
  readonly subject: string;
};

/** What every rule says of the subjects of one stack, or of one tenant. The promises are those of all of them together. */
export const judge = (
  subjects: readonly Subject[],
  promises: Promises,
  rules: readonly Rule[] = RULES,
): Judgement[] => {
  const judging: Judging = { ...promises, resources: subjects.filter(isResource) };
  return subjects.flatMap((subject) =>
    rules.flatMap((rule) => {
      const verdict = verdictOf(rule, subject, judging);
      if (!verdict) return [];
      return [{ ...verdict, rule: rule.name, level: rule.level, on: subject.kind, subject: nameOf(subject) }];
    }),
  );
};

const verdictOf = (rule: Rule, subject: Subject, judging: Judging): Verdict | undefined => {
  switch (subject.kind) {
    case 'manifest':
      return rule.judgeManifest?.(subject.tenant);
    case 'fact':
      return rule.judgeFact?.(subject, judging);
    case 'preview':
      return (
        rule.judgeChange?.(subject, judging) ??
        // What goes keeps no promise any more.
        (subject.action === 'delete' ? undefined : rule.judgeResource?.(subject, judging))
      );
    default:
      return rule.judgeResource?.(subject, judging);
  }
};

const isResource = (subject: Subject): subject is Subject & Resource =>
  subject.kind !== 'manifest' &&
  subject.kind !== 'fact' &&
  !(subject.kind === 'preview' && subject.action === 'delete');
