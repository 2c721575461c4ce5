import { type Judgement, judge } from '../../policies/judge.js';
import type { Promises } from '../../policies/subject.js';
import type { EngineResource } from '../engine/run/previewed-resource.js';
import { previewStack, type StackRun } from '../engine/run/stack-run.js';
import type { Runtime } from '../runtime.js';
import { declaredSubjects, previewedSubjects } from './subjects.js';

/** What events of the engine show instead of a secret. */
const HIDDEN = '[secret]';

/** Types whose changes only a provider of somebody else can tell: ours never replace or delete what holds data. */
const isForeign = (type: string): boolean => !/^(?:ringfence|postgresql|pulumi):/.test(type);

/**
 * Judges what a run would deploy, by its program alone. Where its stack exists with resources of others, the engine previews it,
 * because only their providers know what a change replaces.
 */
export const judgeStack = async (
  runtime: Runtime,
  { run, exists }: { readonly run: Omit<StackRun, 'recover'>; readonly exists: boolean },
  promises: Promises,
): Promise<Judgement[]> => {
  const { declaredResources } = await import('../../stacks/declared-resources.js');
  const declared = await declaredResources(run.stack, run.program);
  if (!exists || !declared.some(({ type }) => isForeign(type)))
    return judge(declaredSubjects(declared), promises);
  const previewed: EngineResource[] = [];
  await previewStack(await runtime.stackRunner(), {
    ...run,
    recover: false,
    exists,
    onResource: (resource) => previewed.push(resource),
  });
  const inputs = new Map(declared.map((resource) => [resource.urn, resource.inputs]));
  return judge(
    previewedSubjects(previewed.map((resource) => withHidden(resource, inputs.get(resource.urn)))),
    promises,
  );
};

/** The engine hides a list whole for one secret in it. The program says which of it is. */
const withHidden = (resource: EngineResource, declared: EngineResource['inputs'] = {}): EngineResource => ({
  ...resource,
  inputs: Object.fromEntries(
    Object.entries(resource.inputs).map(([key, value]) => [
      key,
      value === HIDDEN ? (declared[key] ?? value) : value,
    ]),
  ),
});
