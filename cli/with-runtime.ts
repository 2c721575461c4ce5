import type { Runtime } from '../control-plane/runtime.js';
import { translateIfDatabaseError } from '../data-plane/database/errors.js';
import type { Context } from './context.js';

/** Opens what the operations need, for the length of one command. */
export const withRuntime = async <T>(
  context: Context,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> => {
  const { openRuntime } = await import('../control-plane/runtime.js');
  const { env } = context.terminal;
  const crashAt = env.RINGFENCE_CRASH_AT;
  const runtime = await openRuntime({
    project: context.project,
    env,
    onProgress: context.say,
    // Lets a test end the process at a named point, as a power cut would.
    reached: (point) => void (point === crashAt && process.kill(process.pid, 'SIGKILL')),
  });
  try {
    return await work(runtime);
  } catch (error) {
    throw translateIfDatabaseError(error);
  } finally {
    await runtime.close();
  }
};
