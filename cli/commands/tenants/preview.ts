import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { previewOptions, runPreview } from '../preview.js';

export const tenantsPreview = defineCommand({
  name: 'preview',
  description: 'the same as `ringfence preview`',
  arguments: ['[slug]'],
  options: previewOptions,
  examples: ['ringfence tenants preview --all'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/previews/views.js')).previewReportView,
  run: async (context, options, slug) => runPreview(context, slug === undefined ? [] : [slug], options),
});
