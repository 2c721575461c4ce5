import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { ifThere } from '../../core/files/if-there.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import { readExceptions } from '../../policies/exceptions/read.js';
import type { Runtime } from '../runtime.js';

/** The project's file of exceptions, beside `tenants/`. */
export const EXCEPTIONS_FILE = 'policies.yaml';

/** None without a file. @throws RingfenceError as `readExceptions` does; `exceptions_invalid` for a file that cannot be read. */
export const loadExceptions = async ({
  project,
  now,
}: Pick<Runtime, 'project' | 'now'>): Promise<readonly Exception[]> => {
  const path = join(project.root, EXCEPTIONS_FILE);
  return readExceptions(textOf(path), EXCEPTIONS_FILE, now());
};

const textOf = (path: string): string => {
  try {
    return ifThere(() => readFileSync(path, 'utf8')) ?? '';
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new RingfenceError('exceptions_invalid', `${EXCEPTIONS_FILE} cannot be read: ${code}`, {
      fix: 'make it a file that this user may read',
      cause,
    });
  }
};
