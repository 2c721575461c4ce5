import { resolve } from 'node:path';
import { exportRegisteredTenant } from '../../control-plane/transfer/export-tenant.js';
import { size, table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';
import { VERSION } from '../version.js';

interface Options {
  readonly out: string;
  readonly clinic: readonly string[];
  readonly recipient: readonly string[];
  readonly recipientsFile: readonly string[];
}

/** `ringfence tenants export <tenant> --out <file> [--clinic <slug>] [--recipient <key>] [--recipients-file <file>]` */
export const tenantsExport = async (context: Context, options: Options, slug: string): Promise<void> => {
  const path = resolve(context.terminal.cwd, options.out);
  let saying = '';
  const report = await withRuntime(context, (runtime) =>
    exportRegisteredTenant(runtime, slug, {
      clinics: options.clinic,
      path,
      recipients: options.recipient,
      recipientFiles: options.recipientsFile.map((file) => resolve(context.terminal.cwd, file)),
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
    return `${table(['clinic', 'name', 'rows'], rows)}${summary}\n${whoMayRead(report.sealedTo, options.out)}\n`;
  });
};

const whoMayRead = (sealedTo: readonly string[], file: string): string =>
  sealedTo.length === 0
    ? 'It holds decrypted health data; only you may read it. Start with index.html.'
    : `Sealed to ${sealedTo.join(', ')}. To open it: age -d -i <secret key file> -o ${file.replace(/\.age$/, '')} ${file}`;
