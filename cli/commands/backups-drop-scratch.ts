import { dropTenantSchema } from '../../control-plane/backups/tenant-backups.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence backups drop-scratch <tenant> <schema>` */
export const backupsDropScratch = async (
  context: Context,
  _options: unknown,
  slug: string,
  schema: string,
): Promise<void> => {
  await withRuntime(context, (runtime) => dropTenantSchema(runtime, slug, schema));
  context.result({ slug, dropped: schema }, () => `${schema} was dropped\n`);
};
