import { cellSchemaHash } from '../../data-plane/database/schema-hash.js';
import { ERASURE_PROMISE_DAYS } from '../../data-plane/erasure/promise.js';
import type { Tenant } from '../../manifest/index.js';
import type { Promises } from '../../policies/subject.js';
import { listCells } from '../cells/store.js';
import { stackResources } from '../engine/run/stack-hash.js';
import { listHeld } from '../holds/store.js';
import type { StateStore } from '../project/state/state-store.js';
import type { Runtime } from '../runtime.js';
import { loadExceptions } from './load-exceptions.js';
import { stacksOfCell } from './stacks.js';
import { listInhabitants } from './store.js';

/** A cell that is to be deployed. */
interface ComingCell {
  readonly name: string;
  readonly region: string;
}

interface PromisesAbout {
  readonly cell: ComingCell;
  /** One that may not be deployed yet. */
  readonly tenant?: Tenant | undefined;
  readonly allowReplace?: readonly string[] | undefined;
}

/** What is promised about any stack, whoever has data in it. */
export const commonPromises = async (runtime: Runtime): Promise<Promises> => {
  const { control } = runtime;
  return {
    tenants: [],
    cellRegions: Object.fromEntries((await listCells(control)).map(({ name, region }) => [name, region])),
    erasureDays: ERASURE_PROMISE_DAYS,
    schemaHash: cellSchemaHash(),
    cellKeys: [],
    held: await listHeld(control, runtime.now()),
    allowReplace: [],
    exceptions: await loadExceptions(runtime),
  };
};

/** The promises about the stack of a tenant. */
export const promisesOfTenant = async (
  runtime: Runtime,
  { cell, tenant, allowReplace = [] }: PromisesAbout,
): Promise<Promises> => {
  const common = await commonPromises(runtime);
  return {
    ...common,
    tenants: tenant ? [tenant] : [],
    cellRegions: { [cell.name]: cell.region, ...common.cellRegions },
    cellKeys: await cellKeys(runtime.state, cell.name),
    allowReplace,
  };
};

/** The promises about the stack of a cell: those of all its tenants. */
export const promisesOfCell = async (runtime: Runtime, about: PromisesAbout): Promise<Promises> => {
  const promises = await promisesOfTenant(runtime, about);
  const inhabitants = await listInhabitants(runtime.control, about.cell.name);
  const others = inhabitants.filter(({ slug }) => slug !== about.tenant?.slug);
  return { ...promises, tenants: [...promises.tenants, ...others] };
};

/** The keys that a cell's stacks have made, by every name that AWS takes for one. */
export const cellKeys = async (state: StateStore, cell: string): Promise<string[]> => {
  const known = await Promise.all(stacksOfCell(cell).map((stack) => stackResources(state, stack)));
  return known
    .flatMap((resources) => resources ?? [])
    .filter(({ type }) => /^aws:kms\/(?:key:Key|replicaKey:ReplicaKey|alias:Alias)$/.test(type))
    .flatMap(({ outputs = {} }) => [outputs.arn, outputs.keyId, outputs.name])
    .filter((name) => typeof name === 'string');
};
