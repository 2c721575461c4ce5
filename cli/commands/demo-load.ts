import { withTenant } from '../../control-plane/operations/tenant-lock.js';
import { loadDemo } from '../../data-plane/demo/load.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { openTenant } from '../tenant-data.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence demo load <tenant>` */
export const demoLoad = async (
  context: Context,
  options: { patients: number; seed: number },
  slug: string,
): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const report = await withTenant(runtime, slug, async () => {
      const { tenant, clinics } = await openTenant(runtime, slug);
      return loadDemo(await runtime.target.adminConnection(tenant.cell), {
        clinics,
        key: await runtime.target.tenantKeys.load(tenant.id),
        patients: options.patients,
        seed: options.seed,
        today: runtime.now(),
      });
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
