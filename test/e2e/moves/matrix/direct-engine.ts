// Takes the place of the engine in a build under test (build.ts): the programs and the real providers run in the command.
import * as pulumi from '@pulumi/pulumi';
import type { StackRun, StackRunner } from '../../../../control-plane/engine/run/stack-run.js';
import { PROJECT } from '../../../../stacks/names.js';
import type { Target } from '../../../../stacks/protocol/provider/dependencies.js';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { ringfenceProvider } from '../../../../stacks/protocol/provider/ringfence-provider.js';

type Provider = ReturnType<typeof ringfenceProvider>;
interface DirectRunner {
  readonly provider: Provider;
  readonly target: Target;
  readonly ringfence: Pick<StackRunner['ringfence'], 'close'>;
}

export const openRunner = async (_: unknown, target: Target): Promise<DirectRunner> => ({
  provider: ringfenceProvider(target),
  target,
  ringfence: { close: () => undefined },
});

/**
 * Looks at each resource of a tenant as the engine does that refreshes, and makes or changes it. No state is kept: creation adopts.
 * Cells are taken as they are.
 */
export const deployStack = async (
  { provider, target }: DirectRunner,
  { stack, program }: StackRun,
): Promise<Record<string, unknown>> => {
  const [kind, name = ''] = stack.split('.');
  if (kind === 'cell')
    return { rootKeyId: await target.rootKeyId(name), port: (await target.adminConnection(name)).port };
  const failures: unknown[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, inputs }) => {
        if (type === 'pulumi:pulumi:StackReference') return { id: 'cell', state: CELL_OUTPUTS };
        // Nothing is made after a failure; the SDK would end the process if it met one.
        if (type === 'pulumi:pulumi:Stack' || failures.length > 0) return { id: type, state: inputs };
        return put(provider, type, inputs).catch((error: unknown) => {
          failures.push(error);
          return { id: type, state: inputs };
        });
      },
      call: () => ({}),
    },
    PROJECT,
    stack,
    false,
  );
  await pulumi.runtime.runInPulumiStack(program);
  await pulumi.runtime.disconnect();
  if (failures.length > 0) throw failures[0];
  return {};
};

/** No command that is tested here reads the connection to the home. */
const CELL_OUTPUTS = { outputs: { host: '127.0.0.1', port: 1, database: 'ringfence' } };

const put = async (
  { resources }: Provider,
  type: string,
  given: Properties,
): Promise<{ id: string; state: Properties }> => {
  const resource = resources[type];
  if (!resource) throw new Error(`a stack without an engine has no resource of type ${type}`);
  const { inputs, failures } = resource.check(given);
  if (failures.length > 0) throw new Error(`${type}: ${JSON.stringify(failures)}`);
  const found = await resource.read(inputs, inputs);
  if (found === undefined) return { id: resource.id(inputs), state: await resource.create(inputs) };
  const { changed } = resource.diff(found.inputs, inputs);
  const state = changed.length === 0 ? found.outputs : await resource.update(inputs, found.outputs);
  return { id: found.id, state };
};

/** Nothing is known that could be forgotten. */
export const forgetResourcesIn = async (): Promise<void> => undefined;

const notHere = (what: string) => async (): Promise<never> => {
  throw new Error(`${what} needs the engine`);
};
export const previewStack = notHere('a preview');
export const destroyStack = notHere('a removal');
export const forgetStack = notHere('a removal');
