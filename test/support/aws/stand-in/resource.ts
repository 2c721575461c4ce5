import { isDeepStrictEqual } from 'node:util';
import {
  hasUnknown,
  type Properties,
  type ServedResource,
} from '../../../../stacks/protocol/provider/resource.js';
import { checkInputs } from '../check-inputs.js';
import type { Description } from '../description.js';
import type { ResourceType } from '../resource-types.js';
import { awsError, type Cloud, type CloudThing } from './cloud.js';
import type { Thing } from './things.js';

/** Does for real what the cloud only remembers, where an emulator knows the call. */
export interface RealCalls {
  /** @returns what AWS computes of it. */
  create?(inputs: Properties, region: string): Promise<Properties>;
  remove?(attributes: Properties, region: string): Promise<void>;
}

/** Ids that AWS gave out: whoever names one refers to a thing that is there. */
const REFERENCE = /^(?:vpc|subnet|sg|rtb)-[0-9a-f]{8,17}$/;

const ATTEMPTS = 5;

/** Serves one resource type of @pulumi/aws, as strictly as others describe it. */
export const standInResource = (
  token: string,
  of: {
    readonly description: Description;
    readonly type: ResourceType;
    readonly thing: Thing;
    readonly cloud: Cloud;
    readonly region: () => string;
    readonly calls: RealCalls | undefined;
  },
): ServedResource => {
  const { description, type, thing, cloud, calls } = of;
  const regionOf = (properties: Properties): string => String(properties.region ?? of.region());
  const idOf = (inputs: Properties): string => thing.id(inputs, regionOf(inputs));
  /** By its id, or by the name that it is imported by. */
  const found = (state: Properties): CloudThing | undefined =>
    cloud.find(token, String(state.id)) ?? cloud.find(token, idOf(state));
  const computedKeys = new Set(['id', ...Object.keys(thing.computed?.({}, '', '') ?? {})]);
  const isInput = (key: string): boolean =>
    !computedKeys.has(key) && (type.terraformNames?.[key] ?? key) in description.inputs;

  /** As the provider for AWS does: it tries again what was throttled. */
  const call = (action: string, region: string): void => {
    for (let attempt = 1; ; attempt++) {
      try {
        cloud.call(token, action, region);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !String(error).includes('Throttling')) throw error;
      }
    }
  };

  const refuseBroken = (inputs: Properties): void => {
    const missing = references(inputs).find((id) => !cloud.has(id));
    const reason =
      missing === undefined ? thing.refused?.(inputs, cloud) : `NotFound: there is no ${missing}`;
    if (reason !== undefined) throw awsError('ValidationError', reason);
  };

  return {
    check: (inputs) => ({ inputs, failures: checkInputs(description, type.terraformNames ?? {}, inputs) }),
    diff: (before, after) => {
      const changed = Object.keys(after).filter(
        (key) => hasUnknown(after[key]) || !isDeepStrictEqual(before[key], after[key]),
      );
      const added = Object.keys(before).filter((key) => isInput(key) && !(key in after));
      return {
        changed: [...changed, ...added],
        // In a preview, what an update gives is unknown to the engine, and mostly stays as it is.
        replaces: changed.filter((key) => description.replacedBy.includes(key) && !hasUnknown(after[key])),
      };
    },
    id: idOf,
    create: async (inputs) => {
      const region = regionOf(inputs);
      const id = idOf(inputs);
      call('create', region);
      refuseBroken(inputs);
      if (cloud.find(token, id) && !thing.isAdopted)
        throw awsError('AlreadyExists', `${id} is there already`);
      const computed = {
        ...thing.computed?.(inputs, id, region),
        ...(await calls?.create?.(inputs, region)),
      };
      const attributes = { ...inputs, ...computed, id };
      cloud.put({ type: token, id, region, attributes });
      if (cloud.isSilent(token)) await new Promise(() => undefined);
      return attributes;
    },
    read: async (state) => {
      call('read', regionOf(state));
      const there = found(state);
      if (!there) return undefined;
      const { id, attributes } = there;
      const inputs = Object.fromEntries(Object.entries(attributes).filter(([key]) => isInput(key)));
      return { id, outputs: attributes, inputs };
    },
    update: async (inputs, state) => {
      call('update', regionOf(inputs));
      refuseBroken(inputs);
      const there = found(state);
      if (!there) throw awsError('NotFound', `there is no ${String(state.id)}`);
      const kept = Object.entries(there.attributes).filter(([key]) => computedKeys.has(key));
      const attributes = { ...Object.fromEntries(kept), ...inputs };
      cloud.put({ ...there, attributes });
      return attributes;
    },
    remove: async (state) => {
      call('delete', regionOf(state));
      const there = found(state);
      if (!there) return;
      const reason = thing.kept?.(there.attributes, cloud);
      if (reason !== undefined) throw awsError('Refused', reason);
      await calls?.remove?.(there.attributes, there.region);
      cloud.remove(token, there.id);
    },
  };
};

const references = (value: unknown): string[] => {
  if (typeof value === 'string') return REFERENCE.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(references);
};
