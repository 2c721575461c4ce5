import type { Exception } from './exceptions/exception.js';
import type { Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { type Judging, nameOf, type Promises, type Resource, type Subject } from './subject.js';
import type { Verdict } from './verdict.js';

/** A verdict, of which rule on which subject. */
export type Judgement = Verdict & {
  readonly rule: string;
  readonly level: Rule['level'];
  readonly on: Subject['kind'];
  /** `manifest <slug>`, a URN, or the name of an observed thing. */
  readonly subject: string;
  /** Who answers for it not to be kept; null of what is kept, and of what nobody answers for. */
  readonly exception: Exception | null;
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
      const about = { rule: rule.name, subject: nameOf(subject) };
      const exception = verdict.verdict === 'passed' ? null : exceptionFor(about, promises);
      return [{ ...verdict, ...about, level: rule.level, on: subject.kind, exception }];
    }),
  );
};

/** One for a tenant excuses nobody else whose data is in the same resource. */
const exceptionFor = (
  { rule, subject }: Pick<Judgement, 'rule' | 'subject'>,
  { exceptions, tenants }: Promises,
): Exception | null =>
  exceptions.find(
    (exception) =>
      exception.rule === rule &&
      exception.resource === subject &&
      (exception.tenant === undefined || tenants.every(({ slug }) => slug === exception.tenant)),
  ) ?? null;

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
