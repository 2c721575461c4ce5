import grpc from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../../../stacks/protocol/provider/dependencies.js';
import { ringfenceProvider } from '../../../../stacks/protocol/provider/ringfence-provider.js';
import { type RunningProvider, serveProvider } from '../../../../stacks/protocol/provider/serve.js';

const provider = ringfenceProvider({} as Target);
let running: RunningProvider;
let client: InstanceType<typeof services.ResourceProviderClient>;

beforeAll(async () => {
  running = await serveProvider(provider);
  client = new services.ResourceProviderClient(
    `127.0.0.1:${running.port}`,
    grpc.credentials.createInsecure(),
  );
});
afterAll(() => {
  client.close();
  running.close();
});

/** What the engine is told when it reads a resource that it knows this of. */
const read = (type: string, state: Record<string, string>): Promise<string> => {
  const request = new messages.ReadRequest();
  request.setId('tenant/x');
  request.setUrn(`urn:pulumi:tenant.one::ringfence::${type}::it`);
  request.setProperties(struct.Struct.fromJavaScript(state));
  return new Promise((resolve) =>
    client.read(request, (error: grpc.ServiceError | null) => resolve(error?.details ?? 'read')),
  );
};

describe.each(Object.keys(provider.resources))('%s', (type) => {
  it('that the engine knows only by its id, as in an import, is refused with what to do', async () => {
    expect(await read(type, {})).toBe(
      `[usage] ${type} is not imported or read by its id; fix: declare it in a program: a deployment takes over what is there already; for a tenant: ringfence tenants apply <tenant>`,
    );
  });

  it('with a state that does not hold names what is wrong in it', async () => {
    expect(await read(type, { id: 'x' })).toMatch(/^\[config_invalid\] .*does not hold: \w+/);
  });
});
