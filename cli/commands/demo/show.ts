import type { ClinicSample } from '../../../control-plane/demo/sample-demo.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** A few invented patients in clear text. */
export const demoShow = defineCommand({
  name: 'show',
  description: 'a few patients, decrypted',
  arguments: ['<tenant>'],
  options: {
    limit: { value: '<count>', description: 'how many', parse: parseCount, default: 5 },
  },
  notOnWorker: NOT_ON_WORKER.printsPeople,
  view: async () => (await import('../../../control-plane/demo/views.js')).demoSampleView,
  run: async (context, options, slug) => {
    const { sampleTenantDemo } = await import('../../../control-plane/demo/sample-demo.js');
    const samples = await withRuntime(context, (runtime) => sampleTenantDemo(runtime, slug, options.limit));
    context.result(samples, () => samples.map(describe).join(''));
  },
});

const describe = ({ clinic, patients }: ClinicSample): string => {
  const lines = patients.map(
    ({ patientName, locale, phone, medicalHistory }) =>
      `  ${patientName} (${locale}) ${phone}\n    ${medicalHistory}\n`,
  );
  return `${clinic}\n${lines.join('') || '  no patients yet\n'}`;
};
