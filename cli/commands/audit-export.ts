import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { exportTenantAudit } from '../../control-plane/operations/tenant-audit.js';
import { RingfenceError } from '../../tenants/errors.js';
import type { Context } from '../context.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence audit export <tenant> [--out file]`: JSON Lines that `audit verify --file` and others can follow. */
export const auditExport = async (
  context: Context,
  options: { out?: string },
  slug: string,
): Promise<void> => {
  const { out } = options;
  if (out === undefined) {
    await withRuntime(context, (runtime) =>
      exportTenantAudit(runtime, slug, async (line) => void context.terminal.stdout.write(line)),
    );
    return;
  }
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
  const opened = once(file, 'open').catch((error: unknown) => {
    throw new RingfenceError('usage', `${out} exists already or cannot be written`, { cause: error });
  });
  await opened;
  const events = await withRuntime(context, (runtime) =>
    exportTenantAudit(runtime, slug, async (line) => {
      if (!file.write(line)) await once(file, 'drain');
    }),
  );
  file.end();
  await finished(file);
  context.result({ file: out, events }, () => `${events} events in ${out}\n`);
};
