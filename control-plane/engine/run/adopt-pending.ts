/** A resource in the engine's state, as far as it is looked at here. */
interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

interface StoredDeployment {
  readonly resources?: readonly StoredResource[];
  readonly pending_operations?: readonly { readonly resource: StoredResource; readonly type: string }[];
}

/** The id of a thing whose making was begun; undefined where nobody can know it. */
export type KnownId = (type: string, inputs: Readonly<Record<string, unknown>>) => string | undefined;

/**
 * The state of a killed run without its pending operations. What was being made, and has an id that can be known, is taken for made:
 * the look at the real resources that has to follow drops it where it is not there.
 */
export const adoptPending = <D extends StoredDeployment>(deployment: D, knownId: KnownId): D => {
  const known = new Set((deployment.resources ?? []).map(({ urn }) => urn));
  const adopted = (deployment.pending_operations ?? []).flatMap(({ resource, type }) => {
    const { inputs = {} } = resource;
    const id = type === 'creating' && !known.has(resource.urn) ? knownId(resource.type, inputs) : undefined;
    return id === undefined ? [] : [{ ...resource, id, outputs: { ...inputs, id } }];
  });
  return { ...deployment, resources: [...(deployment.resources ?? []), ...adopted], pending_operations: [] };
};
