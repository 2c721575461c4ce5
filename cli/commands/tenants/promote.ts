import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { bringManifest } from '../../manifests/bring-manifest.js';
import { MOVE_OPTIONS, runMove, runRollback } from '../../moves/run-move.js';

export const tenantsPromote = defineCommand({
  name: 'promote',
  description: 'move a tenant into a database of its own while it works, in its region or another one',
  arguments: ['<tenant>'],
  options: {
    region: { value: '<region>', description: 'where the new database is; as now without it' },
    to: { value: '<cell>', description: 'a dedicated cell that is there already' },
    rollback: { description: 'bring it back with what was written since, while the window is open' },
    ...MOVE_OPTIONS,
  },
  examples: [
    'ringfence tenants promote clinica-sonrisa --region eu-west-1 --rehearse',
    'ringfence tenants promote clinica-sonrisa --region eu-west-1',
    'ringfence tenants promote clinica-sonrisa --rollback',
  ],
  onWorker: { kind: 'tenants promote', gather: bringManifest },
  view: async () => (await import('../../../control-plane/moves/views.js')).movedOrRehearsedView,
  run: async (context, { rollback, ...options }, slug) => {
    if (!rollback) return runMove(context, slug, options, 'dedicated');
    if (options.region !== undefined || options.to !== undefined)
      throw new RingfenceError('usage', '--rollback goes back to the cell that the tenant came from', {
        fix: 'leave --region and --to out',
      });
    return runRollback(context, slug, options);
  },
});
