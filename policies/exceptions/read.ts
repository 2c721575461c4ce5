import { RingfenceError } from '../../core/errors.js';
import { formatPath, type Problem, toProblems } from '../../manifest/problems.js';
import { parseYaml } from '../../manifest/yaml-source.js';
import { RULES } from '../rules/index.js';
import { type Exception, exceptionsSchema, isExpired } from './exception.js';

/**
 * The exceptions in the text of a file.
 * @param shown the file's name in messages.
 * @throws RingfenceError `exceptions_invalid`, a line `file:line:col path: what is wrong` for each mistake; `exception_expired`,
 * with a line for each whose last day is over.
 */
export const readExceptions = (text: string, shown: string, now: Date): readonly Exception[] => {
  if (text.split('\n').every((line) => /^\s*(?:#|$)/.test(line))) return [];
  const source = parseYaml(text);
  if (!source.ok)
    throw invalid(
      source.mistakes.map(({ line, column, message }) => `${shown}:${line}:${column} ${message}`),
    );
  const place = (problem: Problem): string => {
    const { line, column } = source.locate(problem);
    return `${shown}:${line}:${column} ${problem.path.length === 0 ? 'file' : formatPath(problem.path)}`;
  };
  const result = exceptionsSchema.safeParse(source.value, { reportInput: true });
  if (!result.success)
    throw invalid(toProblems(result.error.issues).map((problem) => `${place(problem)}: ${problem.message}`));
  const { exceptions } = result.data;
  const at = (index: number, key: string): string =>
    place({ path: ['exceptions', index, key], message: '', at: 'value' });
  const wrong = exceptions.flatMap((exception, index) => {
    const problem = ruleProblem(exception);
    return problem ? [`${at(index, 'rule')}: ${problem}`] : [];
  });
  if (wrong.length > 0) throw invalid(wrong);
  const over = exceptions.flatMap((exception, index) =>
    isExpired(exception, now)
      ? [
          `${at(index, 'until')}: the exception from ${exception.rule} for ${exception.resource} ended on ${exception.until} (${exception.owner})`,
        ]
      : [],
  );
  if (over.length > 0)
    throw new RingfenceError('exception_expired', over.join('\n'), {
      fix: 'keep the promise and remove the exception, or let its owner give it a later day',
    });
  return exceptions;
};

const ruleProblem = ({ rule: name }: Exception): string | undefined => {
  const rule = RULES.find((one) => one.name === name);
  if (!rule)
    return `there is no rule ${JSON.stringify(name)}; allowed: ${RULES.map((one) => one.name).join(', ')}`;
  return rule.withoutExceptions
    ? `rule ${name} has no exceptions; allowed: ${rule.withoutExceptions}`
    : undefined;
};

const invalid = (lines: readonly string[]): RingfenceError =>
  new RingfenceError('exceptions_invalid', lines.join('\n'), {
    fix: 'correct what is named above; docs/policies.md says what an exception has',
  });
