import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';

/**
 * One resource type that a provider serves. Obligations: `create` adopts what exists (a killed run leaves a pending
 * operation without an id), `read` looks at the real thing and returns undefined where it is gone, `remove` of a missing
 * thing succeeds. `remove` of a thing that has a tenant's rows, or opens its backups, is refused: an operation takes it
 * away itself, before the engine is told. Errors are RingfenceErrors.
 */
export interface Resource<I extends Record<string, unknown>> {
  readonly inputs: z.ZodType<I>;
  /** Inputs that identify the real thing. A changed value is refused: a replacement would remove the first thing. */
  readonly identity: readonly (keyof I & string)[];
  /** The deterministic id, so that a second create finds the first one's work. */
  id(inputs: I): string;
  create(inputs: I): Promise<Record<string, unknown>>;
  read(inputs: I): Promise<Record<string, unknown> | undefined>;
  update(inputs: I): Promise<Record<string, unknown>>;
  remove(inputs: I): Promise<void>;
}

/** For a resource that only the removal of its tenant takes away. */
export const goesWithTenant = (what: string, tenantId: string): RingfenceError =>
  new RingfenceError('conflict', `${what} goes with its tenant, ${tenantId}, which is there`, {
    fix: 'take the tenant away with `ringfence tenants remove`, or deploy it again with `ringfence tenants apply`',
  });

/** Unchecked JSON. */
export type Properties = Record<string, unknown>;

/** The shape that the gRPC service drives. A state is what `create`, `update` or `read` gave the last time. */
export interface ServedResource {
  /** The inputs with their defaults, or what is wrong with them. */
  check(inputs: Properties): { inputs: Properties; failures: { property: string; reason: string }[] };
  diff(state: Properties, inputs: Properties): { changed: string[]; replaces: string[] };
  id(inputs: Properties): string;
  create(inputs: Properties): Promise<Properties>;
  read(
    state: Properties,
    inputs: Properties,
  ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined>;
  update(inputs: Properties, state: Properties): Promise<Properties>;
  remove(state: Properties): Promise<void>;
}

/** The engine's placeholder for a value that a preview cannot know (pulumi sdk, runtime/rpc.ts). */
const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export const hasUnknown = (value: unknown): boolean => JSON.stringify(value ?? null).includes(UNKNOWN_VALUE);

export const defineResource = <I extends Record<string, unknown>>(resource: Resource<I>): ServedResource => {
  const inputKeys = Object.keys((resource.inputs as unknown as z.ZodObject).shape);
  const parse = (inputs: Properties): I => {
    const parsed = resource.inputs.safeParse(pick(inputs, inputKeys));
    if (parsed.success) return parsed.data;
    const wrong = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole');
    throw new RingfenceError(
      'config_invalid',
      `the state of the resource does not hold: ${wrong.join(', ')}`,
      {
        fix: 'deploy its stack again with `ringfence tenants apply` or `ringfence cells up`',
      },
    );
  };
  return {
    check: (inputs) => {
      if (hasUnknown(inputs)) return { inputs, failures: [] };
      const result = resource.inputs.safeParse(inputs);
      if (result.success) return { inputs: result.data, failures: [] };
      const failures = result.error.issues.map((issue) => ({
        property: issue.path.join('.'),
        reason: issue.message,
      }));
      return { inputs, failures };
    },
    diff: (before, after) => {
      const changed = inputKeys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
      const other = changed.find((key) => resource.identity.includes(key));
      if (other === undefined) return { changed, replaces: [] };
      throw new RingfenceError(
        'conflict',
        `the engine knows this resource with the ${other} ${before[other]}, and ${after[other]} is another one: nothing that may have rows is replaced`,
        {
          fix: 'bring back the state, or the control database, that belongs to it; a tenant goes with `ringfence tenants remove` and comes with `ringfence tenants add`',
        },
      );
    },
    id: (inputs) => resource.id(parse(inputs)),
    create: async (inputs) => ({ ...inputs, ...(await resource.create(parse(inputs))) }),
    read: async (state) => {
      const known = parse(state);
      const found = await resource.read(known);
      if (!found) return undefined;
      const now = { ...state, ...found };
      return { id: resource.id(known), outputs: now, inputs: now };
    },
    update: async (inputs) => ({ ...inputs, ...(await resource.update(parse(inputs))) }),
    remove: (state) => resource.remove(parse(state)),
  };
};

const pick = (from: Properties, keys: readonly string[]): Properties =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
