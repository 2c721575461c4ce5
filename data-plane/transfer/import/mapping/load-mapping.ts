import { readFileSync, statSync } from 'node:fs';
import { RingfenceError } from '../../../../core/errors.js';
import { formatPath, type Problem, toProblems } from '../../../../manifest/problems.js';
import { displayPath } from '../../../../manifest/read-source.js';
import { parseYaml } from '../../../../manifest/yaml-source.js';
import { type Mapping, mappingSchema } from './schema.js';

const MAX_BYTES = 1_048_576;

/** A mapping that holds by itself, and the words for what does not fit the database. */
export interface LoadedMapping {
  readonly mapping: Mapping;
  /** One error of all the problems, each with its place in the file. */
  invalid(problems: readonly Problem[]): RingfenceError;
}

/** @throws RingfenceError import_invalid, a line a mistake: `file:line:col path: what is wrong; allowed: ...`. */
export const loadMapping = (path: string): LoadedMapping => {
  const shown = displayPath(path);
  const source = parseYaml(readUtf8(path, shown));
  if (!source.ok)
    throw refuse(source.mistakes.map(({ line, column, message }) => `${shown}:${line}:${column} ${message}`));
  const invalid = (problems: readonly Problem[]): RingfenceError => {
    const placed = problems.map((problem) => ({ ...source.locate(problem), problem }));
    placed.sort((a, b) => a.line - b.line || a.column - b.column);
    return refuse(
      placed.map(
        ({ line, column, problem }) =>
          `${shown}:${line}:${column} ${formatPath(problem.path)}: ${problem.message}`,
      ),
    );
  };
  const parsed = mappingSchema.safeParse(source.value, { reportInput: true });
  if (!parsed.success) throw invalid(toProblems(parsed.error.issues));
  return { mapping: parsed.data, invalid };
};

const refuse = (lines: readonly string[], cause?: unknown): RingfenceError =>
  new RingfenceError('import_invalid', lines.join('\n'), {
    fix: 'correct what is named above; docs/import.md has an example',
    ...(cause === undefined ? {} : { cause }),
  });

const readUtf8 = (path: string, shown: string): string => {
  try {
    if (statSync(path).size > MAX_BYTES) throw refuse([`${shown}: has more than ${MAX_BYTES} bytes`]);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof RingfenceError) throw error;
    const isText = error instanceof TypeError;
    throw refuse([`${shown}: ${isText ? 'is not UTF-8' : 'cannot be read'}`], error);
  }
};
