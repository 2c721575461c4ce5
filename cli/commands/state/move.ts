import { defineCommand } from '../../command/define-command.js';
import { runtimeOptions } from '../../runtime/with-runtime.js';

const SAID = { moved: 'is moved to', unchanged: 'is already in', 'given-up': 'stays in' } as const;

export const stateMoveCommand = defineCommand({
  name: 'move',
  description:
    "move it to a bucket of S3, or back into the project's folder; again, to go on with a move that was broken off",
  arguments: ['<place>'],
  examples: [
    "ringfence state move 's3://clinic-state/ringfence?region=eu-central-1&kmsKeyId=arn:aws:kms:eu-central-1:123456789012:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6'",
    'ringfence state move folder',
  ],
  view: async () => (await import('../../../control-plane/state-move/views.js')).stateMoveView,
  run: async (context, _options, place) => {
    const { moveState } = await import('../../../control-plane/state-move/move-state.js');
    const { parsePlace } = await import('../../../control-plane/project/state/place-record.js');
    const { project, env, onProgress, reached = () => undefined } = runtimeOptions(context);
    const moved = await moveState({ project, env, onProgress, reached }, parsePlace(place));
    context.result(moved, () => `the state ${SAID[moved.outcome]} ${moved.to}: ${moved.stacks} stacks\n`);
  },
});
