import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  hasUnknown,
  type Properties,
  type ServedResource,
} from '../../../../stacks/protocol/provider/resource.js';
import { checkInputs } from '../../aws/check-inputs.js';
import type { Description } from '../../aws/description.js';
import type { Cloud, CloudThing } from '../../aws/stand-in/cloud.js';
import { ACCOUNT_ID, cloudflareError, ZONE_ID } from './account.js';
import type { Thing } from './things.js';

/** As the provider for Cloudflare does: it tries again what was throttled. */
const ATTEMPTS = 3;

/** Serves one resource type of @pulumi/cloudflare, as strictly as others describe it. */
export const standInResource = (
  token: string,
  { description, thing, cloud }: { description: Description; thing: Thing; cloud: Cloud },
): ServedResource => {
  const isInput = (key: string): boolean => key in description.inputs;

  const call = (action: string): void => {
    for (let attempt = 1; ; attempt++) {
      try {
        cloud.call(token, action, '');
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  };

  const refuse = (inputs: Properties, before: CloudThing | undefined): void => {
    const { accountId = ACCOUNT_ID, zoneId = ZONE_ID } = inputs;
    if (accountId !== ACCOUNT_ID || zoneId !== ZONE_ID) throw cloudflareError(10_000, 'Authentication error');
    const refusal = thing.refused?.(inputs, cloud, before);
    if (refusal) throw cloudflareError(...refusal);
  };

  const put = (inputs: Properties, before: CloudThing | undefined): Properties => {
    const id = thing.id(inputs);
    const attributes = { ...inputs, ...thing.computed?.(inputs, before), id };
    cloud.put({ type: token, id, region: '', attributes: withTexts(attributes, digest) });
    return attributes;
  };

  return {
    check: (inputs) => ({ inputs, failures: checkInputs(description, {}, inputs) }),
    diff: (before, after) => {
      const changed = Object.keys(after).filter(
        (key) => hasUnknown(after[key]) || !isDeepStrictEqual(before[key], after[key]),
      );
      const gone = Object.keys(before).filter((key) => isInput(key) && !(key in after));
      return {
        changed: [...changed, ...gone],
        replaces: changed.filter((key) => description.replacedBy.includes(key) && !hasUnknown(after[key])),
      };
    },
    id: thing.id,
    create: async (inputs) => {
      call('create');
      const before = cloud.find(token, thing.id(inputs));
      refuse(inputs, before);
      if (before && thing.twice) throw cloudflareError(...thing.twice);
      const attributes = put(inputs, before);
      if (cloud.isSilent(token)) await new Promise(() => undefined);
      return attributes;
    },
    read: async (state) => {
      call('read');
      const there = cloud.find(token, String(state.id));
      if (!there) return undefined;
      // Cloudflare tells no secret: its provider takes them from the state.
      const attributes = withTexts(there.attributes, (name) => textOf(state, name));
      const inputs = Object.fromEntries(Object.entries(attributes).filter(([key]) => isInput(key)));
      return { id: there.id, outputs: attributes, inputs };
    },
    update: async (inputs, state) => {
      call('update');
      const before = cloud.find(token, String(state.id));
      if (!before) throw cloudflareError(10_007, `there is no ${String(state.id)}`);
      refuse(inputs, before);
      return put(inputs, before);
    },
    remove: async (state) => {
      call('delete');
      cloud.remove(token, String(state.id));
    },
  };
};

type Binding = Record<string, unknown>;

const bindingsOf = ({ bindings }: Properties): Binding[] => (bindings as Binding[] | undefined) ?? [];

/** The same, with other texts of its secrets. */
const withTexts = (properties: Properties, textFor: (name: string, text: unknown) => unknown): Properties => {
  if (properties.bindings === undefined) return properties;
  const bindings = bindingsOf(properties).map((binding) =>
    binding.type === 'secret_text'
      ? { ...binding, text: textFor(String(binding.name), binding.text) }
      : binding,
  );
  return { ...properties, bindings };
};

const digest = (_: string, text: unknown): string => createHash('sha256').update(String(text)).digest('hex');

const textOf = (state: Properties, name: string): unknown =>
  bindingsOf(state).find((binding) => binding.type === 'secret_text' && binding.name === name)?.text;
