import grpc from '@grpc/grpc-js';
import plugins from '@pulumi/pulumi/proto/plugin_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { RingfenceError } from '../../../core/errors.js';
import { translateForeignError } from '../../../data-plane/foreign-errors.js';
import type { Properties, ServedResource } from './resource.js';

export interface ServedProvider {
  readonly name: string;
  readonly version: string;
  /** By type token, such as `ringfence:index:TenantKey`. */
  readonly resources: Readonly<Record<string, ServedResource>>;
  /** Takes the provider's configuration, once a run, before any resource. */
  readonly configure?: (config: Record<string, unknown>) => void;
}

export interface RunningProvider {
  readonly name: string;
  readonly port: number;
  /** Follows the resources of one stack until `stop`. */
  watch(stack: string, onOperation?: (operation: ResourceOperation) => void): StackWatch;
  close(): void;
}

/** A resource that was made, changed or removed. */
export interface ResourceOperation {
  readonly action: 'create' | 'update' | 'delete';
  /** Short type: `TenantEnrolment`. */
  readonly type: string;
  readonly name: string;
}

interface StackWatch {
  /** The first error of the stack's resources, with its code: the engine would only pass on its text. */
  firstFailure(): RingfenceError | undefined;
  stop(): void;
}

interface Request {
  getUrn(): string;
  getOlds(): struct.Struct | undefined;
  getNews(): struct.Struct | undefined;
  getProperties(): struct.Struct | undefined;
  getInputs(): struct.Struct | undefined;
  getArgs(): struct.Struct | undefined;
}

const MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * Serves a resource provider to the engine on a free loopback port, inside this process, over the protocol of
 * pulumi's provider.proto. The SDK's own `provider.main` serves one provider a process and takes over the
 * process' error handlers, and a second Node process costs half a second a run.
 */
export const serveProvider = async (provider: ServedProvider): Promise<RunningProvider> => {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES,
    'grpc.max_send_message_length': MESSAGE_BYTES,
  });
  const watches = new Map<string, Watched>();
  const service = Object.fromEntries(
    Object.entries(handlers(provider)).map(([method, handler]) => [method, unary(method, handler, watches)]),
  );
  server.addService(
    services.ResourceProviderService as unknown as grpc.ServiceDefinition,
    service as unknown as grpc.UntypedServiceImplementation,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    name: provider.name,
    port,
    watch: (stack, onOperation) => {
      const watched: Watched = { failure: undefined, onOperation };
      watches.set(stack, watched);
      return { firstFailure: () => watched.failure, stop: () => watches.delete(stack) };
    },
    close: () => server.forceShutdown(),
  };
};

type Handler = (request: Request) => unknown;

const handlers = (provider: ServedProvider): Record<string, Handler> => {
  const resourceOf = (urn: string): ServedResource => {
    const type = typeOf(urn);
    const resource = provider.resources[type];
    if (!resource)
      throw new RingfenceError('internal', `${provider.name} does not serve resources of type ${type}`);
    return resource;
  };
  return {
    getPluginInfo: () => {
      const info = new plugins.PluginInfo();
      info.setVersion(provider.version);
      return info;
    },
    getSchema: () => {
      const schema = new messages.GetSchemaResponse();
      schema.setSchema(JSON.stringify({ name: provider.name, version: provider.version }));
      return schema;
    },
    attach: () => new empty.Empty(),
    cancel: () => new empty.Empty(),
    configure: (request) => {
      provider.configure?.(toObject(request.getArgs()));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(false);
      return response;
    },
    check: (request) => {
      const checked = resourceOf(request.getUrn()).check(toObject(request.getNews()));
      const response = new messages.CheckResponse();
      response.setInputs(toStruct(checked.inputs));
      response.setFailuresList(
        checked.failures.map(({ property, reason }) => {
          const failure = new messages.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    },
    diff: (request) => {
      const { changed, replaces } = resourceOf(request.getUrn()).diff(
        toObject(request.getOlds()),
        toObject(request.getNews()),
      );
      const response = new messages.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList(changed);
      response.setReplacesList(replaces);
      response.setDeletebeforereplace(replaces.length > 0);
      return response;
    },
    create: async (request) => {
      const inputs = toObject(request.getProperties());
      const resource = resourceOf(request.getUrn());
      const outputs = await resource.create(inputs);
      const response = new messages.CreateResponse();
      response.setId(resource.id(inputs));
      response.setProperties(toStruct(outputs));
      return response;
    },
    read: async (request) => {
      const resource = resourceOf(request.getUrn());
      const state = toObject(request.getProperties());
      if (Object.keys(state).length === 0) throw notImported(request.getUrn());
      const found = await resource.read(state, toObject(request.getInputs()));
      const response = new messages.ReadResponse();
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.outputs));
      response.setInputs(toStruct(found.inputs));
      return response;
    },
    update: async (request) => {
      const outputs = await resourceOf(request.getUrn()).update(
        toObject(request.getNews()),
        toObject(request.getOlds()),
      );
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(outputs));
      return response;
    },
    delete: async (request) => {
      await resourceOf(request.getUrn()).remove(toObject(request.getProperties()));
      return new empty.Empty();
    },
  };
};

/** `pulumi import`, and `get` in a program, know only an id. */
const notImported = (urn: string): RingfenceError =>
  new RingfenceError('usage', `${typeOf(urn)} is not imported or read by its id`, {
    fix: 'declare it in a program: a deployment takes over what is there already; for a tenant: ringfence tenants apply <tenant>',
  });

/** urn:pulumi:<stack>::<project>::<type>::<name>, where types of parents stand before the own one. */
const typeOf = (urn: string): string => urn.split('::')[2]?.split('$').at(-1) ?? '';

interface Watched {
  failure: RingfenceError | undefined;
  readonly onOperation: ((operation: ResourceOperation) => void) | undefined;
}

const unary =
  (method: string, handler: Handler, watches: ReadonlyMap<string, Watched>) =>
  (
    call: { request: Request },
    reply: (error: grpc.ServiceError | null, response?: unknown) => void,
  ): void => {
    // urn:pulumi:<stack>::<project>::<type>::<name>
    const [stack = '', , type = '', name = ''] = (
      'getUrn' in call.request ? call.request.getUrn() : ''
    ).split('::');
    const watched = watches.get(stack.split(':').at(-1) ?? '');
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => {
          if (method === 'create' || method === 'update' || method === 'delete') {
            watched?.onOperation?.({ action: method, type: type.split(':').at(-1) ?? type, name });
          }
          reply(null, response);
        },
        (thrown: unknown) => {
          const error = translateForeignError(thrown);
          if (watched && error instanceof RingfenceError) watched.failure ??= error;
          reply(asServiceError(error));
        },
      );
  };

/** The engine prints `details` to the user, so only our own messages go there. */
const asServiceError = (error: unknown): grpc.ServiceError => {
  const known = error instanceof RingfenceError;
  const details = known
    ? `[${error.code}] ${error.message}${error.fix ? `; fix: ${error.fix}` : ''}`
    : `[internal] ${error instanceof Error ? error.name : 'unknown error'}`;
  return Object.assign(new Error(details), {
    code: grpc.status.UNKNOWN,
    details,
    metadata: new grpc.Metadata(),
  });
};

const toObject = (value: struct.Struct | undefined): Properties =>
  unwrap(value?.toJavaScript() ?? {}) as Properties;

/** Marks a wrapped value; with SECRET_SIGNATURE, a secret (pulumi sdk, runtime/rpc.ts). Configurations carry them. */
const SIGNATURE_KEY = '4dabf18193072939515e22adb298388d';
const SECRET_SIGNATURE = '1b47061264138c4ac30d75fd1eb44270';

const unwrap = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Properties;
  if (entries[SIGNATURE_KEY] === SECRET_SIGNATURE) return unwrap(entries.value);
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, unwrap(entry)]));
};

const toStruct = (value: Properties): struct.Struct => {
  const defined = Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
  return struct.Struct.fromJavaScript(defined as Parameters<typeof struct.Struct.fromJavaScript>[0]);
};
