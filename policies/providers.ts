import type { Properties } from './values.js';
import { fromWire } from './wire-values.js';

interface Provider {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Properties;
}

/** Components stand in a URN before the own type. */
const bare = (urn: string): string => urn.replace(/::[^:]*(?::[^:]+)*\$(pulumi:providers:)/, '::$1');

/**
 * Finds the configuration of the provider that a resource names by `<urn>::<id>`. A default provider that nobody declares
 * has none.
 */
export const providersOf = (
  resources: readonly Provider[],
): ((reference: string) => Properties | undefined) => {
  const known = new Map(
    resources
      .filter(({ type }) => type.startsWith('pulumi:providers:'))
      .map(({ urn, inputs }) => [bare(urn), fromWire(inputs)]),
  );
  return (reference) => known.get(bare(reference.slice(0, reference.lastIndexOf('::'))));
};
