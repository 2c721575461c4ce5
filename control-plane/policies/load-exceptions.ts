import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere } from '../../core/files/if-there.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import { readExceptions } from '../../policies/exceptions/read.js';
import type { Runtime } from '../runtime.js';

/** The project's file of exceptions, beside `tenants/`. */
const EXCEPTIONS_FILE = 'policies.yaml';

/** None without a file. @throws RingfenceError as `readExceptions` does. */
export const loadExceptions = async ({
  project,
  now,
}: Pick<Runtime, 'project' | 'now'>): Promise<readonly Exception[]> => {
  const path = join(project.root, EXCEPTIONS_FILE);
  const text = ifThere(() => readFileSync(path, 'utf8')) ?? '';
  return readExceptions(text, EXCEPTIONS_FILE, now());
};
