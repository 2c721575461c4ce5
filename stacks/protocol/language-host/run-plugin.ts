import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type grpc from '@grpc/grpc-js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import type { RunPluginRequest } from './messages.js';

const ANALYZER = 'analyzer';

/**
 * Runs a policy pack, or a provider that is written for Node, with the SDK's own runner, and streams what it prints to the
 * engine: the first line is the port that it serves on. It ends with the call.
 */
export const runPlugin = (call: grpc.ServerWritableStream<RunPluginRequest, unknown>): void => {
  const { request } = call;
  const folder = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const child = spawn(process.execPath, [runnerOf(request, folder), ...request.getArgsList(), folder], {
    // A policy pack reads its package.json where it is started.
    cwd: request.getKind() === ANALYZER ? folder : request.getPwd() || folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(request),
  });
  const answer = (fill: (response: InstanceType<typeof messages.RunPluginResponse>) => void): void => {
    if (call.cancelled) return;
    const response = new messages.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  child.stdout.on('data', (bytes: Buffer) => answer((response) => response.setStdout(bytes)));
  child.stderr.on('data', (bytes: Buffer) => answer((response) => response.setStderr(bytes)));
  child.once('error', (error) => call.destroy(error));
  child.once('close', (status) => {
    answer((response) => response.setExitcode(status ?? 1));
    call.end();
  });
  call.once('cancelled', () => child.kill());
};

/** That of the pack's own SDK, where it has one; else ours. */
const runnerOf = (request: RunPluginRequest, folder: string): string => {
  const name =
    request.getKind() === ANALYZER
      ? '@pulumi/pulumi/cmd/run-policy-pack/index.js'
      : '@pulumi/pulumi/cmd/run-plugin/index.js';
  try {
    return createRequire(join(folder, 'index.js')).resolve(name);
  } catch {
    return createRequire(import.meta.url).resolve(name);
  }
};

const environmentOf = (request: RunPluginRequest): Record<string, string> =>
  Object.fromEntries(
    request.getEnvList().map((variable) => {
      const at = variable.indexOf('=');
      return [variable.slice(0, at), variable.slice(at + 1)];
    }),
  );
