import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const backupsRehearse = defineCommand({
  name: 'rehearse',
  description:
    'restore the newest verified backup into an empty cell of its own, and time it; once a week by itself',
  arguments: ['[tenant]'],
  options: {
    schema: { value: '<file.sql>', description: "makes your application's own tables there first" },
  },
  notOnWorker: NOT_ON_WORKER.hasFiles,
  view: async () => (await import('../../../control-plane/backups/views.js')).rehearsalView,
  run: async (context, options, slug) => {
    const { rehearseTenant } = await import('../../../control-plane/backups/rehearse-restore.js');
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
  },
});

const readSchema = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RingfenceError('usage', `${path} cannot be read`, { fix: 'name a file of SQL', cause });
  }
};
