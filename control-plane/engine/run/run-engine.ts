import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { translateEngineError } from './engine-errors.js';
import type { ReadEngineOutput } from './engine-output.js';

/** One command of the engine on one stack, without a program. */
interface EngineCommand {
  readonly stack: string;
  readonly args: readonly string[];
  /** The folder of the stack's settings, with a Pulumi.yaml. */
  readonly dir: string;
  /** All of it: nothing else comes to the engine. */
  readonly env: NodeJS.ProcessEnv;
  /** For its standard input. */
  readonly input?: string;
}

/**
 * Runs it to its end. What goes in and comes out may be secret, and is in memory alone.
 * @returns what it printed on standard output. @throws RingfenceError as `translateEngineError`
 */
export const runEngine = async (
  { enginePath, readOutput }: { readonly enginePath: string; readonly readOutput: ReadEngineOutput },
  { stack, args, dir, env, input = '' }: EngineCommand,
): Promise<string> => {
  const child = spawn(enginePath, [...args, '--stack', stack, '--non-interactive'], {
    cwd: dir,
    env,
    stdio: 'pipe',
  });
  const [printed, said] = [textOf(child.stdout), textOf(child.stderr)];
  // An engine that ends early says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status === 0) return printed();
  throw translateEngineError(new Error(said()), stack, (text) => readOutput(stack, text, []));
};

const textOf = (stream: NodeJS.ReadableStream): (() => string) => {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString();
};
