import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';
import * as state from '@pulumi/pulumi/runtime/state.js';
import { PROJECT } from './names.js';

/** A resource as a program declares it. Values are as the engine sends them: unknown and secret ones are marked. */
export interface DeclaredResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  /** `<urn>::<id>` of its provider; empty for the default one. */
  readonly provider: string;
}

/** The SDK's own store of one program. Only its types leave it out. */
const { withLocalStorage } = state as unknown as {
  withLocalStorage: <T>(work: () => Promise<T>) => Promise<T>;
};

type Declare = (request: RegisterResourceRequest, reply: unknown) => void;

/**
 * Runs a program as a preview does, without an engine, without providers and without a network. An output that has the name of
 * an input repeats it, as providers do; what else is made by others is unknown. It reads and changes nothing.
 */
export const declaredResources = (
  stack: string,
  program: () => Promise<Record<string, unknown>>,
): Promise<DeclaredResource[]> =>
  // A store of its own: the engine may be running other programs in this process.
  withLocalStorage(async () => {
    const declared: DeclaredResource[] = [];
    await pulumi.runtime.setMocks(
      { newResource: ({ inputs }) => ({ id: undefined, state: inputs }), call: () => ({}) },
      PROJECT,
      stack,
      true,
    );
    const monitor = getMonitor() as unknown as { registerResource: Declare };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, reply) => {
      if (request.getType() !== 'pulumi:pulumi:Stack') declared.push(declaredBy(stack, request));
      register(request, reply);
    };
    await pulumi.runtime.runInPulumiStack(program);
    await pulumi.runtime.disconnect();
    return declared;
  });

const declaredBy = (stack: string, request: RegisterResourceRequest): DeclaredResource => {
  const [type, name] = [request.getType(), request.getName()];
  return {
    urn: `urn:pulumi:${stack}::${PROJECT}::${type}::${name}`,
    type,
    name,
    inputs: (request.getObject()?.toJavaScript() ?? {}) as Readonly<Record<string, unknown>>,
    protect: request.getProtect() === true,
    provider: request.getProvider(),
  };
};
