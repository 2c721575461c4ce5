import { join } from 'node:path';
import { replaceSecretFile } from '../../../core/files/secret-file.js';
import type { Project } from '../../project/project.js';
import { knownSecrets, withoutSecrets } from './known-secrets.js';

/** The output of a failed run of the engine, without secrets. */
export interface EngineOutput {
  readonly text: string;
  /** The first lines of severity error, each once. */
  readonly errors: readonly string[];
  /** Keeps all of it, mode 0600, until the next failure or the stack's removal. @returns the file. */
  keep(): string;
}

/** @param secrets of this run, besides those that are known. */
export type ReadEngineOutput = (stack: string, said: string, secrets: readonly string[]) => EngineOutput;

const ERROR = /^\s*(?:std(?:out|err):\s*)?(?:error|panic|fatal):\s*(.+)$/i;
const ERRORS_MAX = 5;
const ERROR_CHARACTERS = 500;

export const engineOutput =
  (project: Project, env: NodeJS.ProcessEnv): ReadEngineOutput =>
  (stack, said, secrets) => {
    const text = withoutSecrets(said, [...secrets, ...knownSecrets(project, env)]);
    const errors = text
      .split('\n')
      .flatMap((line) => ERROR.exec(line)?.[1]?.slice(0, ERROR_CHARACTERS) ?? []);
    return {
      text,
      errors: [...new Set(errors)].slice(0, ERRORS_MAX),
      keep: () => {
        // Lies below the folder of the stack's settings. That folder goes with the stack, also when a tenant is erased.
        const path = join(project.home, 'workspace', 'stacks', stack, 'engine.log');
        replaceSecretFile(path, text);
        return path;
      },
    };
  };
