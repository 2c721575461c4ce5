import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import plugins from '@pulumi/pulumi/proto/plugin_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { GetProgramDependenciesRequest, RunPluginRequest, RunRequest } from './messages.js';
import { programDependencies } from './program-dependencies.js';
import { runPlugin } from './run-plugin.js';
import { runProgram } from './run-program.js';

type Reply = (error: Error | null, response: unknown) => void;

/**
 * Serves the language host of runtime nodejs on a free loopback port, where the official one (which comes with the
 * official download, not with the Go modules) is not installed: it runs programs and policy packs with the SDK's own runners.
 * Only what `pulumi preview|up|refresh|destroy|about` of a built program needs. @returns the port.
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
    getProgramDependencies: (call: { request: GetProgramDependenciesRequest }, reply: Reply) => {
      const response = new messages.GetProgramDependenciesResponse();
      for (const { name, version } of programDependencies(call.request)) {
        const dependency = new messages.DependencyInfo();
        dependency.setName(name);
        dependency.setVersion(version);
        response.addDependencies(dependency);
      }
      reply(null, response);
    },
    about: (_call: unknown, reply: Reply) => {
      const response = new messages.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      reply(null, response);
    },
    runPlugin: (call: grpc.ServerWritableStream<RunPluginRequest, unknown>) => runPlugin(call),
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
