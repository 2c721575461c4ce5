import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const backupsDropScratch = defineCommand({
  name: 'drop-scratch',
  description: 'drop a schema that `backups restore --into scratch` made',
  arguments: ['<tenant>', '<schema>'],
  onWorker: { kind: 'backups drop-scratch' },
  view: async () => (await import('../../../control-plane/backups/views.js')).droppedSchemaView,
  run: async (context, _options, slug, schema) => {
    const { dropTenantSchema } = await import('../../../control-plane/backups/tenant-backups.js');
    await withRuntime(context, (runtime) => dropTenantSchema(runtime, slug, schema));
    context.result({ slug, dropped: schema }, () => `${schema} was dropped\n`);
  },
});
