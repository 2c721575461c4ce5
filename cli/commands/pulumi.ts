import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { ensureEngine } from '../../control-plane/engine/ensure.js';
import { passwordEnvironment } from '../../control-plane/engine/run/password-environment.js';
import { plainPulumiFolder } from '../../control-plane/engine/run/plain-pulumi.js';
import { pluginEnvironment } from '../../control-plane/engine/run/plugin-environment.js';
import { openWorkspace } from '../../control-plane/engine/run/workspace.js';
import { writeLocalPasswords } from '../../data-plane/database/server/local-passwords.js';
import { directLoopback, FORGET_FOREIGN } from '../process/own-environment.js';
import type { Context } from '../terminal/context.js';

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** `ringfence pulumi -- <args>`: the engine with this project's state, passphrase, plugins and programs. */
export const pulumi = async (
  context: Context,
  options: { printEnv?: boolean },
  args: readonly string[],
): Promise<void> => {
  const { project, terminal } = context;
  const engine = await ensureEngine({ project, env: terminal.env, onProgress: context.say });
  const workspace = openWorkspace(project);
  const folder = plainPulumiFolder(project, workspace);
  const env = {
    ...workspace.env,
    ...passwordEnvironment(writeLocalPasswords(project.home)),
    ...(await pluginEnvironment(project, engine, terminal.env)),
  };
  if (options.printEnv) {
    const direct = directLoopback(terminal.env);
    const lines = Object.entries({ ...env, ...direct }).map(
      ([name, value]) => `export ${name}=${quoted(value)}\n`,
    );
    // The shell's own PATH: this process may have one that whoever started it made for it alone, as npx does.
    const path = `export PATH=${quoted(dirname(engine.path))}:"$PATH"\n`;
    terminal.stdout.write([FORGET_FOREIGN, ...lines, path].join(''));
    return;
  }
  // Ctrl-C is the engine's: it ends the update in order, and this process waits for it.
  process.removeAllListeners('SIGINT').on('SIGINT', () => undefined);
  const status = await new Promise<number>((resolve, reject) => {
    const child = spawn(engine.path, args, {
      stdio: 'inherit',
      cwd: folder,
      env: { ...terminal.env, ...env },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  context.exitWith(status);
};
