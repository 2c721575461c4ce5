import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rehearseTenant } from '../../control-plane/backups/rehearse-restore.js';
import { RingfenceError } from '../../core/errors.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups rehearse [tenant]` */
export const backupsRehearse = async (
  context: Context,
  options: { readonly schema?: string },
  slug?: string,
): Promise<void> => {
  const request = {
    ...(slug ? { slug } : {}),
    ...(options.schema ? { schemaSql: readSchema(resolve(context.terminal.cwd, options.schema)) } : {}),
  };
  const result = await withRuntime(context, (runtime) => rehearseTenant(runtime, request));
  context.result(
    result,
    () =>
      `${result.slug}: ${result.rows} rows of backup ${result.backupId} restored into an empty cell in ` +
      `${(result.restoreMs / 1_000).toFixed(1)} s, which was ready after ${(result.cellMs / 1_000).toFixed(1)} s\n`,
  );
};

const readSchema = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RingfenceError('usage', `${path} cannot be read`, { fix: 'name a file of SQL', cause });
  }
};
