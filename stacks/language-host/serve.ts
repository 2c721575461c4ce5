import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import plugins from '@pulumi/pulumi/proto/plugin_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';

interface RunRequest {
  getProject(): string;
  getStack(): string;
  getPwd(): string;
  getOrganization(): string;
  getDryrun(): boolean;
  getParallel(): number;
  getMonitorAddress(): string;
  getConfigMap(): { entries(): { next(): { done: boolean; value: [string, string] } } };
  getConfigsecretkeysList(): string[];
  getInfo(): { getEntryPoint(): string; getProgramDirectory(): string } | undefined;
}
type Reply = (error: Error | null, response: unknown) => void;

/**
 * Serves the language host of runtime nodejs on a free loopback port, where the official one (which comes with the
 * official download, not with the Go modules) is not installed: it runs a program with the SDK's own runner.
 * Only what `pulumi preview|up|refresh|destroy` of a built program needs. @returns the port.
 */
export const serveLanguageHost = async (engineAddress: string, env: NodeJS.ProcessEnv): Promise<number> => {
  const server = new grpc.Server();
  const service = {
    handshake: (_call: unknown, reply: Reply) => reply(null, new messages.LanguageHandshakeResponse()),
    getRequiredPlugins: (_call: unknown, reply: Reply) =>
      reply(null, new messages.GetRequiredPluginsResponse()),
    getRequiredPackages: (_call: unknown, reply: Reply) =>
      reply(null, new messages.GetRequiredPackagesResponse()),
    getPluginInfo: (_call: unknown, reply: Reply) => reply(null, new plugins.PluginInfo()),
    cancel: (_call: unknown, reply: Reply) => reply(null, new empty.Empty()),
    run: (call: { request: RunRequest }, reply: Reply) => {
      runProgram(call.request, engineAddress, env).then(
        (failure) => {
          const response = new messages.RunResponse();
          if (failure) response.setError(failure);
          reply(null, response);
        },
        (error: Error) => reply(error, null),
      );
    },
  };
  server.addService(
    services.LanguageRuntimeService as unknown as grpc.ServiceDefinition,
    service as unknown as grpc.UntypedServiceImplementation,
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
};

const runProgram = async (
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
