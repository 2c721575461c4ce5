import type { z } from 'zod';
import { suggest } from './suggest.js';

/** One mistake of a manifest. The words never repeat a value that could be a person's. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** What the place in the file is looked up by: the key itself, the value, or the parent of what is missing. */
  readonly at: 'key' | 'value' | 'parent';
}

/** Every issue in words that say what is wrong and what is allowed. */
export const toProblems = (issues: readonly z.core.$ZodIssue[]): Problem[] => issues.flatMap(toProblem);

function toProblem(issue: z.core.$ZodIssue): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return lines.map((message, index) => ({ path: [...path, issue.keys[index] ?? ''], message, at: 'key' }));
  }
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return [{ path, message: `is missing; allowed: ${expected(issue)}`, at: 'parent' }];
  }
  return [{ path, message: describe(issue), at: 'value' }];
}

function expected(issue: z.core.$ZodIssueInvalidType | z.core.$ZodIssueInvalidValue): string {
  return issue.code === 'invalid_type' ? (KINDS[issue.expected] ?? issue.expected) : issue.values.join(', ');
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'not a finite number';
  return KINDS[typeof value] ?? `a ${typeof value}`;
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is ${kindOf(issue.input)}; allowed: ${expected(issue)}`;
    case 'invalid_value':
      return typeof issue.input === 'string'
        ? `is not one of its values${suggest(issue.input, issue.values.map(String))}`
        : `is ${kindOf(issue.input)}; allowed: ${expected(issue)}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'is empty; allowed: some text';
      return issue.message.startsWith('Too small')
        ? `is below its minimum; allowed: ${size(issue)}`
        : issue.message;
    case 'too_big':
      return `is above its maximum; allowed: ${size(issue)}`;
    case 'not_multiple_of':
      return `is not a multiple of ${issue.divisor}; allowed: multiples of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function size(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'string') return `${bound} characters`;
  return issue.origin === 'array' ? `${bound} entries` : bound;
}

/** `clinics[0].hours.weekly`; a key with other characters is quoted. The root is `manifest`. */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'manifest';
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = /^[A-Za-z0-9_-]{1,60}$/.test(String(key))
        ? String(key)
        : JSON.stringify(String(key).slice(0, 60));
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}
