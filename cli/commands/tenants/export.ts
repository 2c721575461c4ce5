import { resolve } from 'node:path';
import { VERSION } from '../../../core/version.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const tenantsExport = defineCommand({
  name: 'export',
  description: 'every row of a tenant, decrypted, as CSV and JSON Lines in one zip (GDPR Art. 20)',
  arguments: ['<tenant>'],
  options: {
    out: {
      value: '<file>',
      description: 'a new file: <name>.zip, or <name>.zip.age when it is sealed',
      required: true,
    },
    clinic: { value: '<slug>', description: 'only this clinic; again for more', many: true },
    recipient: {
      value: '<key>',
      description: 'seal it with age to this public key (age1...); again for more',
      many: true,
    },
    recipientsFile: {
      value: '<file>',
      description: 'seal it to the public keys in this file, one a line; again for more',
      many: true,
    },
  },
  examples: ['ringfence tenants export clinica-sonrisa --out data.zip'],
  notOnWorker: NOT_ON_WORKER.hasFiles,
  view: async () => (await import('../../../control-plane/transfer/views.js')).exportView,
  run: async (context, options, slug) => {
    const { exportRegisteredTenant } = await import('../../../control-plane/transfer/export-tenant.js');
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
  },
});

const whoMayRead = (sealedTo: readonly string[], file: string): string =>
  sealedTo.length === 0
    ? 'It holds decrypted health data; only you may read it. Start with index.html.'
    : `Sealed to ${sealedTo.join(', ')}. To open it: age -d -i <secret key file> -o ${file.replace(/\.age$/, '')} ${file}`;
