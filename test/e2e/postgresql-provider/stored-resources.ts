type Properties = Record<string, unknown>;

/** A resource of @pulumi/postgresql in a state, without what every cell has its own of. */
export interface StoredResource {
  readonly name: string;
  readonly type: string;
  readonly id: string | undefined;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

interface Exported {
  deployment: {
    resources: { urn: string; type: string; id?: string; inputs?: Properties; outputs?: Properties }[];
  };
}

/** Those of an exported stack, by type and name. */
export const storedResources = (text: string): StoredResource[] => {
  const { deployment } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Exported;
  return deployment.resources
    .filter(({ type }) => type.includes('postgresql'))
    .map(({ urn, type, id, inputs = {}, outputs = {} }) => ({
      name: urn.split('::').at(-1) ?? '',
      type,
      // A provider's is random.
      id: type.startsWith('pulumi:') ? undefined : id,
      inputs: settled(inputs),
      outputs: settled(outputs),
    }))
    .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
};

/** `__defaults` counts, what the bridge and the engine keep for themselves does not. Ports differ. */
const settled = (properties: Properties): Properties =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([key, value]) => !isNothing(value) && !/^(__internal|__pulumi.*|port)$/.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The plugin has null for an empty list after it made something, and `[]` after it looked; secret or not. */
const isNothing = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && (value as Properties).plaintext === 'null');
