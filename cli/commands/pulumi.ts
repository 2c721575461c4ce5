import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { PlainPulumi } from '../../control-plane/engine/run/open-plain-pulumi.js';
import { defineCommand } from '../command/define-command.js';
import { directLoopback, FORGET_FOREIGN } from '../process/own-environment.js';
import { leaveInterruptsToChild } from '../terminal/interrupt.js';
import type { Terminal } from '../terminal/terminal.js';

/** The engine with this project's state, passphrase, plugins and programs. */
export const pulumi = defineCommand({
  name: 'pulumi',
  description: "the engine itself, on this project's stacks: ringfence pulumi -- stack ls",
  arguments: ['[args...]'],
  options: {
    printEnv: { description: 'print the variables for plain pulumi: eval "$(ringfence pulumi --print-env)"' },
  },
  passThrough: true,
  run: async (context, { printEnv }, args) => {
    const { openPlainPulumi } = await import('../../control-plane/engine/run/open-plain-pulumi.js');
    const { project, terminal } = context;
    const plain = await openPlainPulumi({ project, env: terminal.env, onProgress: context.say });
    if (printEnv) terminal.stdout.write(shellCode(plain, terminal));
    else context.exitWith(await start(plain, terminal, args));
  },
});

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const shellCode = ({ enginePath, env }: PlainPulumi, terminal: Terminal): string => {
  const lines = Object.entries({ ...env, ...directLoopback(terminal.env) }).map(
    ([name, value]) => `export ${name}=${quoted(value)}\n`,
  );
  // The shell's own PATH. The starter of this process may have made one for it alone, as npx does.
  const path = `export PATH=${quoted(dirname(enginePath))}:"$PATH"\n`;
  return [FORGET_FOREIGN, ...lines, path].join('');
};

/** @returns the exit status of the engine. */
const start = (plain: PlainPulumi, terminal: Terminal, args: readonly string[]): Promise<number> => {
  leaveInterruptsToChild();
  return new Promise((resolve, reject) => {
    const child = spawn(plain.enginePath, args, {
      stdio: 'inherit',
      cwd: plain.folder,
      env: { ...terminal.env, ...plain.env },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
};
