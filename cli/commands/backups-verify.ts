import { verifyTenantBackup } from '../../control-plane/backups/tenant-backups.js';
import type { Context } from '../context.js';
import { withRuntime } from '../with-runtime.js';

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
