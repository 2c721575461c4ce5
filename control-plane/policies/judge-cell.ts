import { type ErrorCode, RingfenceError } from '../../core/errors.js';
import type { Judgement } from '../../policies/judge.js';
import type { Promises } from '../../policies/subject.js';
import { bringCellUp, type CellRequest, wantedRun } from '../cells/cells-up.js';
import { FIRST_HISTORY_DAYS, infrastructureRun } from '../cells/infrastructure.js';
import { type Cell, findCell } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import type { Runtime } from '../runtime.js';
import { judgeStack } from './judge-stack.js';
import { promisesOfCell } from './promises.js';
import { refuseViolations } from './refuse.js';

/** What the policies say of what would be deployed of a cell. */
export const judgeCell = async (
  runtime: Runtime,
  request: CellRequest,
  promises: Promises,
): Promise<Judgement[]> => {
  const judgements = await judgeStack(runtime, await wantedRun(runtime, request), promises);
  const wanted = await wantedCell(runtime, request);
  const infrastructure = wanted && (await infrastructureRun(runtime, wanted));
  return infrastructure
    ? [...judgements, ...(await judgeStack(runtime, infrastructure, promises))]
    : judgements;
};

const wantedCell = async ({ control }: Runtime, { place, ...request }: CellRequest) => {
  const known = await findCell(control, request.name);
  const { historyDays = known?.historyDays ?? FIRST_HISTORY_DAYS } = request;
  const placed = place && { target: place.target, address: place.address };
  const { arriving } = request;
  if (known) return { ...known, ...placed, historyDays, arriving };
  return placed && { ...request, ...placed, historyDays };
};

/** Refuses a cell that would break a promise to anybody in it, before anything of it is deployed. @throws RingfenceError `policy_violated`. */
export const refuseBrokenPromises = async (
  runtime: Runtime,
  request: CellRequest,
  options: { allowReplace?: readonly string[] } = {},
): Promise<void> => {
  const promises = await promisesOfCell(runtime, { cell: request, allowReplace: options.allowReplace });
  refuseViolations(await judgeCell(runtime, request, promises));
};

/**
 * Says what a cell breaks, and stops nothing: a cell that is down, or lost its data, comes back where it was promised to be or not, and
 * whoever brings it back at night cannot renew an exception.
 */
export const tellBrokenPromises = async (
  runtime: Runtime,
  request: CellRequest,
  say: (line: string) => void,
): Promise<void> => {
  try {
    await refuseBrokenPromises(runtime, request);
  } catch (error) {
    if (!(error instanceof RingfenceError) || !TOLD.has(error.code)) throw error;
    say(`goes on, and has to be settled afterwards: ${error.message}`);
  }
};

const TOLD: ReadonlySet<ErrorCode> = new Set(['policy_violated', 'exception_expired', 'exceptions_invalid']);

/** Brings a cell up as `bringCellUp` does. @throws RingfenceError `policy_violated` before anything is deployed. */
export const bringJudgedCellUp = async (
  runtime: Runtime,
  request: CellRequest,
  options: { allowReplace?: readonly string[]; onChange?: (change: ResourceChange) => void } = {},
): Promise<Cell> => {
  await refuseBrokenPromises(runtime, request, options);
  return bringCellUp(runtime, request, options.onChange);
};
