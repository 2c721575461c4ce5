import { backUpTenant } from '../../control-plane/backups/tenant-backups.js';
import type { Context } from '../context.js';
import { size } from '../print.js';
import { withRuntime } from '../with-runtime.js';

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
