import { RingfenceError } from '../../../core/errors.js';
import type { EngineOutput } from './engine-output.js';
import { stateProblem } from './state-problem.js';

/**
 * Translates a failure of the engine itself. The engine's output may show secrets, so only what `read` gives passes into
 * the error and its cause.
 */
export const translateEngineError = (
  thrown: unknown,
  stack: string,
  read: (said: string) => EngineOutput,
): RingfenceError => {
  if (thrown instanceof RingfenceError) return thrown;
  const { text, errors, keep } = read(thrown instanceof Error ? thrown.message : String(thrown));
  const error = new Error(text);
  if (/the stack is currently locked/i.test(text) || (thrown as Error)?.name === 'ConcurrentUpdateError') {
    return new RingfenceError('conflict', `stack ${stack} is being deployed by another run`, {
      fix: `wait for it; if that run was killed, \`ringfence pulumi -- cancel -s ${stack}\` gives the lock back`,
      cause: error,
    });
  }
  if (/incorrect passphrase|passphrase must be set/i.test(text)) {
    return new RingfenceError(
      'key_access_denied',
      'the passphrase of the deployment state is wrong or missing',
      {
        fix: 'restore .ringfence/passphrase from its copy',
        cause: error,
      },
    );
  }
  if (/no space left on device/i.test(text)) {
    return new RingfenceError('disk_full', 'the disk is full: the engine could not write its state', {
      fix: 'free some space and run the command again',
      cause: error,
    });
  }
  const ofState = stateProblem(text);
  if (ofState) return new RingfenceError(ofState.code, ofState.message, { fix: ofState.fix, cause: error });
  const said = errors.length > 0 ? `:\n  ${errors.join('\n  ')}` : '';
  return new RingfenceError('deployment_failed', `the engine could not deploy stack ${stack}${said}`, {
    fix: `all that it said, without secrets, is in ${keep()}`,
    cause: error,
  });
};
