import { type Judgement, judge } from '../../policies/judge.js';
import type { Promises } from '../../policies/subject.js';
import { bringCellUp, type CellRequest, previewCell, wantedRun } from '../cells/cells-up.js';
import type { Cell } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import type { EngineResource } from '../engine/run/previewed-resource.js';
import type { Runtime } from '../runtime.js';
import { promisesOfCell } from './promises.js';
import { refuseViolations } from './refuse.js';
import { declaredSubjects, previewedSubjects } from './subjects.js';

/** Types whose changes only a provider of somebody else can tell: ours never replace or delete what holds data. */
const isForeign = (type: string): boolean => !/^(?:ringfence|postgresql|pulumi):/.test(type);

/**
 * Judges what would be deployed of a cell, by its program alone. Where it exists with resources of others, the engine
 * previews it, because only their providers know what a change replaces.
 */
export const judgeCell = async (
  runtime: Runtime,
  request: CellRequest,
  promises: Promises,
): Promise<Judgement[]> => {
  const { declaredResources } = await import('../../stacks/declared-resources.js');
  const { run, exists } = await wantedRun(runtime, request);
  const declared = await declaredResources(run.stack, run.program);
  if (!exists || !declared.some(({ type }) => isForeign(type)))
    return judge(declaredSubjects(declared), promises);
  const previewed: EngineResource[] = [];
  await previewCell(runtime, request, { onResource: (resource) => previewed.push(resource) });
  return judge(previewedSubjects(previewed), promises);
};

/** Brings a cell up as `bringCellUp` does. @throws RingfenceError `policy_violated` before anything is deployed. */
export const bringJudgedCellUp = async (
  runtime: Runtime,
  request: CellRequest,
  options: { allowReplace?: readonly string[]; onChange?: (change: ResourceChange) => void } = {},
): Promise<Cell> => {
  const promises = await promisesOfCell(runtime, { cell: request, allowReplace: options.allowReplace });
  refuseViolations(await judgeCell(runtime, request, promises));
  return bringCellUp(runtime, request, options.onChange);
};
