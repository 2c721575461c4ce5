import { withTenant } from '../../control-plane/tenants/tenant-lock.js';
import { loadDemo } from '../../data-plane/demo/load.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import { table } from '../print/table.js';
import { openTenant } from '../runtime/tenant-data.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence demo load <tenant>` */
export const demoLoad = async (
  context: Context,
  options: { patients: number; seed: number },
  slug: string,
): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const report = await withTenant(runtime, slug, async () => {
      const { tenant, clinics } = await openTenant(runtime, slug);
      const admin = await runtime.target.adminConnection(tenant.cell);
      const { patients, seed } = options;
      return usingKey(runtime.target.tenantKeys.load(tenant.id), (key) =>
        loadDemo(admin, { clinics, key, patients, seed, today: runtime.now() }),
      );
    });
    context.result(
      { slug, ...report },
      () =>
        `${table(
          ['table', 'rows'],
          report.tables.map((loaded) => [loaded.table, String(loaded.rows)]),
        )}${report.rows} rows in ${report.seconds.toFixed(1)} s\n`,
    );
  });
};
