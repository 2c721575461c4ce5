import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pluginEnvironment } from '../../control-plane/deployment/plugin-environment.js';
import { openWorkspace } from '../../control-plane/deployment/workspace.js';
import { ensureEngine } from '../../control-plane/engine/ensure.js';
import { PROJECT } from '../../stacks/names.js';
import type { Context } from '../context.js';

/** `ringfence pulumi -- <args>`: the engine with this project's state, passphrase, plugins and programs. */
export const pulumi = async (
  context: Context,
  options: { printEnv?: boolean },
  args: readonly string[],
): Promise<void> => {
  const { project, terminal } = context;
  const engine = await ensureEngine({ project, env: terminal.env, onProgress: context.say });
  const workspace = openWorkspace(project);
  const env = { ...workspace.env, ...(await pluginEnvironment(project, engine, terminal.env)) };
  if (options.printEnv) {
    const path = `${dirname(engine.path)}:${env.PATH}`;
    const lines = Object.entries({ ...env, PATH: path }).map(
      ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
    );
    terminal.stdout.write(lines.join(''));
    return;
  }
  const status = await new Promise<number>((resolve, reject) => {
    const child = spawn(engine.path, args, {
      stdio: 'inherit',
      cwd: projectFolder(project.root, workspace.dir),
      env: { ...terminal.env, ...env },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  context.exitWith(status);
};

/** The engine wants a folder with a Pulumi.yaml to know the project of a stack; a user's project may have none. */
const projectFolder = (root: string, workspaceDir: string): string => {
  if (existsSync(join(root, 'Pulumi.yaml'))) return root;
  const file = join(workspaceDir, 'Pulumi.yaml');
  if (!existsSync(file)) writeFileSync(file, `name: ${PROJECT}\nruntime: nodejs\n`);
  return workspaceDir;
};
