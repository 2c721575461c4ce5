import { spawn } from 'node:child_process';
import { engineEnvironment, openWorkspace } from '../../control-plane/deployment/workspace.js';
import { ensureEngine } from '../../control-plane/engine/ensure.js';
import type { Context } from '../context.js';

/** `ringfence pulumi -- <args>`: the engine with this project's state, passphrase and home. */
export const pulumi = async (context: Context, args: readonly string[]): Promise<void> => {
  const { project, terminal } = context;
  const engine = await ensureEngine({ project, env: terminal.env, onProgress: context.say });
  openWorkspace(project);
  const status = await new Promise<number>((resolve, reject) => {
    const env = { ...terminal.env, ...engineEnvironment(project) };
    const child = spawn(engine.path, args, { stdio: 'inherit', cwd: project.root, env });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  context.exitWith(status);
};
