import { backUpTenant } from '../../control-plane/backups/tenant-backups.js';
import { size } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups run <tenant>` */
export const backupsRun = async (
  context: Context,
  options: { readonly full?: boolean },
  slug: string,
): Promise<void> => {
  const summary = await withRuntime(context, (runtime) => backUpTenant(runtime, slug, options));
  context.result(
    summary,
    () =>
      `${summary.id}  ${summary.kind}  ${summary.rows} rows  ${size(summary.storedBytes)}  verified: restored into a scratch copy, digests equal\n`,
  );
};
