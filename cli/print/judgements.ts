import type { Judgement } from '../../policies/judge.js';

/**
 * Judgements for people: what is violated, what cannot be told, what somebody answers for. Subjects of which a rule says the
 * same stand in one line. What passed is counted.
 */
export const describeJudgements = (judgements: readonly Judgement[]): string[] => {
  const lines = new Map<string, string[]>();
  for (const judgement of judgements) {
    if (judgement.verdict === 'passed') continue;
    const said = saidOf(judgement);
    lines.set(said, [...(lines.get(said) ?? []), shortName(judgement.subject)]);
  }
  const passed = judgements.filter(({ verdict }) => verdict === 'passed').length;
  return [
    ...[...lines].map(([said, subjects]) => said.replace(SUBJECTS, [...new Set(subjects)].join(', '))),
    `policies: ${passed} of ${judgements.length} judgements passed`,
  ];
};

const SUBJECTS = '\u0000';

const saidOf = (judgement: Exclude<Judgement, { verdict: 'passed' }>): string => {
  const { rule, level, exception } = judgement;
  const excused = exception
    ? `; excused until ${exception.until} by ${exception.owner}: ${exception.reason}`
    : '';
  return judgement.verdict === 'violated'
    ? `policy ${rule}${level === 'advisory' ? ' (advisory)' : ''} violated: ${SUBJECTS} ${judgement.message}; fix: ${judgement.fix}${excused}`
    : `policy ${rule} cannot tell: ${SUBJECTS}: ${judgement.unknown}${excused}`;
};

/** `LocalServer server` of a URN. */
const shortName = (subject: string): string => {
  if (!subject.startsWith('urn:')) return subject;
  const [, , type = '', name = ''] = subject.split('::');
  return `${type.split(':').at(-1)} ${name}`;
};
