import { resolve } from 'node:path';
import { exportRegisteredTenant } from '../../control-plane/operations/export-tenant.js';
import type { Context } from '../context.js';
import { size, table } from '../print.js';
import { VERSION } from '../version.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence tenants export <tenant> --out <file.zip> [--clinic <slug>]` */
export const tenantsExport = async (
  context: Context,
  options: { out: string; clinic: readonly string[] },
  slug: string,
): Promise<void> => {
  const path = resolve(context.terminal.cwd, options.out);
  let saying = '';
  const report = await withRuntime(context, (runtime) =>
    exportRegisteredTenant(runtime, slug, {
      clinics: options.clinic,
      path,
      toolVersion: VERSION,
      onProgress: ({ clinic }) => {
        if (clinic !== saying) context.say(`exporting clinic ${clinic}`);
        saying = clinic;
      },
    }),
  );
  context.result({ file: path, ...report }, () => {
    const rows = report.clinics.map((clinic) => [clinic.slug, clinic.name, String(clinic.rows)]);
    const summary = `${report.rows} rows, ${size(report.bytes)}: ${path}`;
    return `${table(['clinic', 'name', 'rows'], rows)}${summary}\nIt holds decrypted health data; only you may read it. Start with index.html.\n`;
  });
};
