import { defineCommand } from '../../command/define-command.js';
import { bringManifest } from '../../manifests/bring-manifest.js';
import { MOVE_OPTIONS, runMove } from '../../moves/run-move.js';

export const tenantsDemote = defineCommand({
  name: 'demote',
  description: 'move a tenant from a database of its own into a shared one while it works',
  arguments: ['<tenant>'],
  options: {
    region: { value: '<region>', description: 'of the shared database; as now without it' },
    to: { value: '<cell>', description: 'the shared cell' },
    ...MOVE_OPTIONS,
  },
  examples: ['ringfence tenants demote clinica-sonrisa'],
  onWorker: { kind: 'tenants demote', gather: bringManifest },
  view: async () => (await import('../../../control-plane/moves/views.js')).movedOrRehearsedView,
  run: (context, options, slug) => runMove(context, slug, options, 'shared'),
});
