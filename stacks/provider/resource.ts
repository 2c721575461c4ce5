import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/**
 * One resource type that a provider serves. Obligations: `create` adopts what exists (a killed run leaves a
 * pending operation without an id), `read` looks at the real thing and returns undefined where it is gone,
 * `remove` of what is gone succeeds. Errors are RingfenceErrors.
 */
export interface Resource<I extends Record<string, unknown>> {
  readonly inputs: z.ZodType<I>;
  /** Inputs whose change means another resource, not an update. */
  readonly replaceOn: readonly (keyof I & string)[];
  /** The deterministic id, so that a second create finds the first one's work. */
  id(inputs: I): string;
  create(inputs: I): Promise<Record<string, unknown>>;
  read(inputs: I): Promise<Record<string, unknown> | undefined>;
  update(inputs: I): Promise<Record<string, unknown>>;
  remove(inputs: I): Promise<void>;
}

/** The shape that the gRPC service drives: inputs are unchecked JSON. */
export interface ServedResource {
  /** The inputs with their defaults, or what is wrong with them. */
  check(inputs: Record<string, unknown>): {
    inputs: Record<string, unknown>;
    failures: { property: string; reason: string }[];
  };
  diff(
    before: Record<string, unknown>,
    after: Record<string, unknown>,
  ): { changed: string[]; replaces: string[] };
  id(inputs: unknown): string;
  create(inputs: unknown): Promise<Record<string, unknown>>;
  read(inputs: unknown): Promise<Record<string, unknown> | undefined>;
  update(inputs: unknown): Promise<Record<string, unknown>>;
  remove(inputs: unknown): Promise<void>;
}

/** What the engine sends for a value that a preview cannot know (pulumi sdk, runtime/rpc.ts). */
const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export const defineResource = <I extends Record<string, unknown>>(resource: Resource<I>): ServedResource => {
  const inputKeys = Object.keys((resource.inputs as unknown as z.ZodObject).shape);
  const parse = (inputs: unknown): I => resource.inputs.parse(pick(inputs, inputKeys));
  return {
    check: (inputs) => {
      if (JSON.stringify(inputs).includes(UNKNOWN_VALUE)) return { inputs, failures: [] };
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
      return { changed, replaces: changed.filter((key) => resource.replaceOn.includes(key)) };
    },
    id: (inputs) => resource.id(parse(inputs)),
    create: (inputs) => resource.create(parse(inputs)),
    read: (inputs) => resource.read(parse(inputs)),
    update: (inputs) => resource.update(parse(inputs)),
    remove: (inputs) => resource.remove(parse(inputs)),
  };
};

const pick = (from: unknown, keys: readonly string[]): Record<string, unknown> => {
  const source = (from ?? {}) as Record<string, unknown>;
  return Object.fromEntries(keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]));
};
