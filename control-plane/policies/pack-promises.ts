import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { ERASURE_PROMISE_DAYS } from '../../data-plane/erasure/promise.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import type { Promises } from '../../policies/subject.js';
import { readStackInputs, type StackInputs } from '../../stacks/stack-inputs.js';
import type { Project } from '../project/project.js';
import type { StateStore } from '../project/state/state-store.js';
import { cellKeys } from './promises.js';

/**
 * The promises about each stack of a project, by what its deployments wrote beside its settings: a pack asks no database. Nobody
 * is on hold in it, because a pack is not told what is deleted.
 */
export const packPromises = (
  project: Project,
  state: StateStore,
  exceptions: readonly Exception[],
): ((stack: string) => Promise<Promises>) => {
  const stacks = deployedStacks(project);
  const cells = [...stacks.values()].filter((inputs) => inputs.kind === 'cell');
  const tenants = [...stacks.values()].filter((inputs) => inputs.kind === 'tenant');
  return async (stack) => {
    // What a cell has in AWS is a stack of its own, with the promises of the cell.
    const inputs = stacks.get(stack.replace(/^aws[.]/, 'cell.'));
    const inhabitants =
      inputs?.kind === 'cell'
        ? tenants.filter(({ placements }) => placements.some(({ cell }) => cell === inputs.cell))
        : inputs
          ? [inputs]
          : [];
    return {
      tenants: inhabitants.map(({ tenant }) => tenant),
      cellRegions: Object.fromEntries(cells.map(({ cell, region }) => [cell, region])),
      erasureDays: ERASURE_PROMISE_DAYS,
      schemaHash: cellSchemaHash(),
      cellKeys: inputs?.kind === 'cell' ? await cellKeys(state, inputs.cell) : [],
      held: [],
      allowReplace: [],
      exceptions,
    };
  };
};

const deployedStacks = ({ home }: Project): Map<string, StackInputs> => {
  const folder = join(home, 'workspace', 'stacks');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(
    names
      .filter((name) => existsSync(join(folder, name, 'inputs.json')))
      .map((name) => [name, readStackInputs(join(folder, name))]),
  );
};
