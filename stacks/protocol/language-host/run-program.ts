import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RunRequest } from './messages.js';

/** Runs a program with the SDK's own runner. @returns what failed; empty where nothing did. */
export const runProgram = async (
  request: RunRequest,
  engineAddress: string,
  env: NodeJS.ProcessEnv,
): Promise<string> => {
  const runner = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run/index.js');
  const info = request.getInfo();
  const pwd = info?.getProgramDirectory() || request.getPwd();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    pwd,
    parallel: String(request.getParallel()),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  if (request.getDryrun()) args.push('--dry-run');
  const child = spawn(process.execPath, [runner, ...args, join(pwd, info?.getEntryPoint() ?? '.')], {
    cwd: pwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...env,
      PULUMI_CONFIG: JSON.stringify(configOf(request)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  return status === 0 ? '' : `the program ended with status ${status}`;
};

const configOf = (request: RunRequest): Record<string, string> => {
  const config: Record<string, string> = {};
  const entries = request.getConfigMap().entries();
  for (let entry = entries.next(); !entry.done; entry = entries.next())
    config[entry.value[0]] = entry.value[1];
  return config;
};
