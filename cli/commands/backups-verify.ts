import { verifyTenantBackup } from '../../control-plane/backups/tenant-backups.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups verify <tenant> [--backup]` */
export const backupsVerify = async (
  context: Context,
  options: { backup?: string },
  slug: string,
): Promise<void> => {
  const backup = await withRuntime(context, (runtime) => verifyTenantBackup(runtime, slug, options.backup));
  context.result(
    backup,
    () => `${backup.id}: ${backup.rows} rows restored into a scratch copy, digest ${backup.digest} equal\n`,
  );
};
