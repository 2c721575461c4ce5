import { RingfenceError } from '../../core/errors.js';
import { providersOf } from '../../policies/providers.js';
import type { Resource, Subject } from '../../policies/subject.js';
import { fromWire } from '../../policies/wire-values.js';
import type { DeclaredResource } from '../../stacks/declared-resources.js';
import type { EngineResource } from '../engine/run/previewed-resource.js';
import { stackResources } from '../engine/run/stack-hash.js';
import type { Runtime } from '../runtime.js';

interface WireResource extends Pick<DeclaredResource, 'urn' | 'type' | 'name' | 'inputs' | 'provider'> {
  readonly outputs?: Resource['outputs'];
  readonly protect: boolean;
}

const resourcesOf = <R extends WireResource>(resources: readonly R[]): [R, Resource][] => {
  const providers = providersOf(resources);
  return resources.map((resource) => {
    const { urn, type, name, inputs, outputs = {}, protect, provider } = resource;
    return [
      resource,
      {
        urn,
        type,
        name,
        inputs: fromWire(inputs),
        outputs: fromWire(outputs),
        protect,
        provider: providers(provider),
      },
    ];
  });
};

/** What a program declares. */
export const declaredSubjects = (declared: readonly DeclaredResource[]): Subject[] =>
  resourcesOf(declared).map(([, resource]) => ({ kind: 'resource', ...resource }));

/** What the engine would do with a stack. */
export const previewedSubjects = (previewed: readonly EngineResource[]): Subject[] =>
  resourcesOf(previewed).map(([{ action }, resource]) => ({ kind: 'preview', action, ...resource }));

/**
 * What the engine knows of a stack as it was deployed.
 * @throws RingfenceError `policy_unproven` where its state is lost, or cannot be read: then nobody can say that it keeps anything.
 */
export const stateSubjects = async ({ state }: Pick<Runtime, 'state'>, stack: string): Promise<Subject[]> => {
  const resources = await stackResources(state, stack);
  if (resources === undefined)
    throw new RingfenceError(
      'policy_unproven',
      `the engine's state of stack ${stack} is not there, or cannot be read`,
      {
        fix: 'deploy it again, which takes up what is there: `ringfence tenants apply`, `ringfence cells up` or `ringfence edge deploy`',
      },
    );
  const known = resources.map((resource) => ({
    ...resource,
    name: resource.urn.split('::').at(-1) ?? '',
    inputs: resource.inputs ?? {},
    outputs: resource.outputs ?? {},
    protect: resource.protect === true,
    provider: resource.provider ?? '',
  }));
  return resourcesOf(known).map(([, resource]) => ({ kind: 'state', ...resource }));
};
