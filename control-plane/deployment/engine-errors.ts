import { RingfenceError } from '../../tenants/errors.js';

/** Translates a failure of the engine itself. Its output may show values, so only a line that is ours or known passes. */
export const translateEngineError = (error: unknown, stack: string): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/the stack is currently locked/i.test(text) || (error as Error)?.name === 'ConcurrentUpdateError') {
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
  return new RingfenceError('deployment_failed', `the engine could not deploy stack ${stack}`, {
    fix: `see what it says: ringfence pulumi -- up -s ${stack}`,
    cause: error,
  });
};
