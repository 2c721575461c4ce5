import { RingfenceError } from '../../core/errors.js';
import type { RegionName } from '../../core/regions.js';
import { withFreeFileLock } from '../engine/file-lock.js';
import type { ResourceChange } from '../engine/run/change.js';
import { inRuntime } from '../open-runtime.js';
import type { ControlPlace } from '../project/control-address.js';
import { controlUrl } from '../project/control-address.js';
import { hasLocalControl } from '../project/control-database.js';
import { findControlInfrastructure } from '../project/control-infrastructure.js';
import { type ControlServer, openControlServer } from '../project/control-server.js';
import { makeHome } from '../project/home.js';
import { controlLockFile } from '../project/project.js';
import { recordControlHistoryDays } from '../project/store.js';
import type { Runtime, RuntimeOptions } from '../runtime.js';
import { carryOver, leaveHere } from './carry-over.js';
import { deployControl, type WantedControl } from './infrastructure.js';

/** Destroyed keys live on for as long in it, and an erasure has a month. */
const LONGEST_HISTORY_DAYS = 28;

/** Where the control database is to be. */
interface ControlRequest {
  readonly region: RegionName;
  /** An instance that is there already; one that Ringfence makes when left out. */
  readonly rdsInstance?: string | undefined;
  readonly wanted: WantedControl;
  /** How far back RDS restores; as it was when left out, 7 at first. */
  readonly historyDays?: number | undefined;
  /** Authorities (PEM) of its certificate; Amazon's own when left out. */
  readonly caFile?: string | undefined;
  readonly onChange: (change: ResourceChange) => void;
}

/** A control database on Amazon RDS. */
interface ControlUp extends ControlPlace {
  /** As RINGFENCE_CONTROL takes it. */
  readonly url: string;
  readonly historyDays: number;
  /** The number of rows that were carried from this machine; null where it was there already. */
  readonly carriedRows: number | null;
  /** Submitters' logins that did not come along. */
  readonly allowAgain: readonly string[];
  /** Files and folders of this machine that are not used any more, and are kept. */
  readonly kept: readonly string[];
}

/**
 * Brings the control database up on Amazon RDS, and carries the one of this machine there, once.
 * @throws RingfenceError usage; `conflict` while another one runs; as `deployControl` and `carryOver`.
 */
export const bringControlUp = async (
  options: RuntimeOptions,
  request: ControlRequest,
): Promise<ControlUp> => {
  const { project } = options;
  makeHome(project);
  return withFreeFileLock(
    controlLockFile(project),
    () => bringUp(options, request),
    (pid) =>
      new RingfenceError('conflict', `the control database is being moved or restored (process ${pid})`, {
        fix: 'wait until that ends',
      }),
  );
};

const bringUp = async (options: RuntimeOptions, request: ControlRequest): Promise<ControlUp> => {
  const { project, env, onProgress: say, reached = () => undefined } = options;
  const prepared = await inRuntime({ ...options, isCarrying: true }, (runtime) =>
    prepare(runtime, options, request),
  );
  const { isThere, place, historyDays } = prepared;
  const now = new Date();
  const up = { ...place, url: controlUrl(place), historyDays };
  if (isThere)
    return {
      ...up,
      carriedRows: null,
      allowAgain: [],
      kept: hasLocalControl(project) ? leaveHere(project, now) : [],
    };
  const server = await openControlServer(project, place, { env, reached, say });
  const { rows, submitters, kept } = await carryOver(project, server, { now, reached });
  return { ...up, carriedRows: rows, allowAgain: submitters, kept };
};

interface Prepared {
  readonly place: ControlPlace;
  readonly historyDays: number;
  /** Whether the project is at home there already. */
  readonly isThere: boolean;
}

const prepare = async (
  runtime: Runtime,
  { env, onProgress: say }: RuntimeOptions,
  request: ControlRequest,
): Promise<Prepared> => {
  const { project, control, controlServer, reached } = runtime;
  const home = controlServer?.place;
  await runtime.beforeChange();
  await refuseOtherPlace(runtime, request);
  if (request.historyDays !== undefined && request.rdsInstance === undefined)
    await recordControlHistoryDays(control, request.historyDays);
  const place = await placeOf(runtime, request);
  const server = await openControlServer(project, place, { env, reached, say });
  if (request.caFile !== undefined) await server.network.keep(request.caFile);
  const historyDays = await keptDaysOf(server);
  await recordControlHistoryDays(control, historyDays);
  return { place, historyDays, isThere: home !== undefined };
};

const placeOf = (
  runtime: Runtime,
  { region, rdsInstance, wanted, onChange }: ControlRequest,
): Promise<ControlPlace> =>
  rdsInstance === undefined
    ? deployControl(runtime, region, wanted, onChange)
    : Promise.resolve({ region, rdsInstance });

/** @throws RingfenceError usage for another place than the one where it is. */
const refuseOtherPlace = async (
  { control, controlServer }: Runtime,
  { region, rdsInstance }: ControlRequest,
): Promise<void> => {
  const isMade = (await findControlInfrastructure(control)) !== undefined;
  const home = controlServer?.place;
  const isOther =
    (home !== undefined && home.region !== region) ||
    (rdsInstance === undefined
      ? home !== undefined && !isMade
      : isMade || (home !== undefined && home.rdsInstance !== rdsInstance));
  if (!isOther) return;
  const where = home ? controlUrl(home) : 'on an instance that Ringfence makes';
  throw new RingfenceError('usage', `the control database is ${where} already`, {
    fix: 'name that place; it moves from a machine to RDS once, and nowhere else',
  });
};

/** @throws RingfenceError `config_invalid` for an instance that is not fit for it. */
const keptDaysOf = async (server: ControlServer): Promise<number> => {
  const { keptDays = 0 } = await server.prepare(undefined);
  if (keptDays <= LONGEST_HISTORY_DAYS) return keptDays;
  throw new RingfenceError(
    'config_invalid',
    `instance ${server.place.rdsInstance} keeps backups of ${keptDays} days, and a destroyed key is in them for as long`,
    { fix: `set its backup retention period to ${LONGEST_HISTORY_DAYS} days or less` },
  );
};
