import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { bringManifest } from '../../manifests/bring-manifest.js';
import { MOVE_OPTIONS, runMove } from '../../moves/run-move.js';

export const tenantsMove = defineCommand({
  name: 'move',
  description: 'move a tenant into another cell, or another region, while it works',
  arguments: ['<tenant>'],
  options: {
    to: { value: '<cell>', description: 'the cell to live in' },
    region: { value: '<region>', description: 'a cell of the same tier there; made where there is none' },
    ...MOVE_OPTIONS,
  },
  examples: [
    'ringfence tenants move clinica-sonrisa --to shared-eu-west-1',
    'ringfence tenants move clinica-sonrisa --region eu-west-3',
  ],
  onWorker: { kind: 'tenants move', gather: bringManifest },
  view: async () => (await import('../../../control-plane/moves/views.js')).movedOrRehearsedView,
  run: (context, options, slug) => {
    if (options.to === undefined && options.region === undefined)
      throw new RingfenceError('usage', 'a move goes somewhere', { fix: 'name a cell, --to, or a --region' });
    return runMove(context, slug, options);
  },
});
