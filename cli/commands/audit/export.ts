import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { newFile } from '../../../core/files/new-file.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** JSON Lines that `audit verify --file` and others can follow. */
export const auditExport = defineCommand({
  name: 'export',
  description: 'every event with its hash, as JSON lines',
  arguments: ['<tenant>'],
  options: {
    out: { value: '<file>', description: 'into a new file instead of standard output' },
  },
  notOnWorker: NOT_ON_WORKER.printsPeople,
  view: async () => (await import('../../../control-plane/audit/views.js')).auditExportView,
  lines: async () => (await import('../../../control-plane/audit/views.js')).auditLineView,
  run: async (context, options, slug) => {
    const { exportTenantAudit } = await import('../../../control-plane/audit/tenant-audit.js');
    const { out } = options;
    if (out === undefined) {
      await withRuntime(context, (runtime) =>
        exportTenantAudit(runtime, slug, async (line) => void context.terminal.stdout.write(line)),
      );
      return;
    }
    const path = resolve(context.terminal.cwd, out);
    const events = await newFile(path, (draft) =>
      withRuntime(context, (runtime) =>
        writeLines(draft, (write) => exportTenantAudit(runtime, slug, write)),
      ),
    );
    context.result({ file: path, events }, () => `${events} events in ${out}\n`);
  },
});

const writeLines = async <T>(
  path: string,
  fill: (write: (line: string) => Promise<void>) => Promise<T>,
): Promise<T> => {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  const ended = finished(file);
  ended.catch(() => undefined);
  try {
    const result = await fill(async (line) => {
      if (!file.write(line)) await Promise.race([once(file, 'drain'), ended]);
    });
    file.end();
    await ended;
    return result;
  } catch (error) {
    file.destroy();
    throw error;
  }
};
