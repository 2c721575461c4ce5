import { resolve } from 'node:path';
import { compareCell } from '../../control-plane/cell-status/compare-cell.js';
import { acceptOlderData } from '../../control-plane/cells/accept-older.js';
import { bringCellUp, type CellRequest } from '../../control-plane/cells/cells-up.js';
import { type Cell, findCell, listCells } from '../../control-plane/cells/store.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { RingfenceError } from '../../core/errors.js';
import { isSlug } from '../../core/ids.js';
import { REGION_NAMES, type RegionName } from '../../core/regions.js';
import { type Context, confirmByName, confirmOption } from '../context.js';
import { progress } from '../progress.js';
import { withRuntime } from '../with-runtime.js';

const DEFAULT_REGION: RegionName = 'eu-central-1';

interface Options {
  readonly tier?: 'shared' | 'dedicated';
  readonly region?: string;
  readonly port?: number;
  readonly historyDays?: number;
  readonly rds?: string;
  readonly caFile?: string;
  readonly acceptOlder?: boolean;
  readonly confirm?: string;
}

/** `ringfence cells up [name]` */
export const cellsUp = async (context: Context, options: Options, name?: string): Promise<void> => {
  checkRequest(options, name);
  await withRuntime(
    context,
    async (runtime) => {
      if (options.acceptOlder && name !== undefined)
        await acceptOlder(context, runtime, name, options.confirm);
      const up: Cell[] = [];
      const rds = rdsOf(context, options);
      for (const request of await requests(runtime, options, name)) {
        const report = progress(context, `cell ${request.name}`);
        up.push(await bringCellUp(runtime, { ...request, ...rds }, report.change));
        report.done();
        const admin = await runtime.target.adminConnection(request.name);
        for (const problem of await compareCell(runtime.control, request.name, admin)) context.say(problem);
      }
      context.result(up, () =>
        up
          .map(
            (cell) =>
              `${cell.name}  ${cell.tier}  ${cell.region}  ${cell.rdsInstance ?? '127.0.0.1'}:${cell.port}\n`,
          )
          .join(''),
      );
    },
    { create: true },
  );
};

const acceptOlder = async (
  context: Context,
  runtime: Runtime,
  cell: string,
  given: string | undefined,
): Promise<void> => {
  const what = `Cell ${cell} goes on from the earlier copy of its data: what is newer is given up; its archived WAL and base backups are kept aside.`;
  await confirmByName(context, cell, what, confirmOption(cell, given));
  for (const path of await acceptOlderData(runtime, cell)) context.say(`kept: ${path}`);
};

const rdsOf = ({ terminal }: Context, { rds, caFile }: Options): Pick<CellRequest, 'rds'> =>
  rds === undefined
    ? {}
    : { rds: { instance: rds, ...(caFile ? { caFile: resolve(terminal.cwd, caFile) } : {}) } };

const nameOf = (options: Options, name?: string): string =>
  name ?? `${options.tier ?? 'shared'}-${options.region ?? DEFAULT_REGION}`;

/** @throws RingfenceError `usage`, before anything is made. */
const checkRequest = (options: Options, name?: string): void => {
  const wanted = nameOf(options, name);
  const region = options.region ?? DEFAULT_REGION;
  if (!isSlug(wanted)) {
    throw new RingfenceError('usage', `${JSON.stringify(wanted)} is not the name of a cell`, {
      fix: 'a name is 3 to 40 of a-z, 0-9 and single hyphens, and starts with a letter',
    });
  }
  if (options.rds !== undefined && (name === undefined || options.region === undefined)) {
    throw new RingfenceError('usage', 'a cell on Amazon RDS needs a name, and the region of its instance', {
      fix: 'ringfence cells up <name> --rds <db-instance-identifier> --region <region>',
    });
  }
  if (options.rds !== undefined && options.port !== undefined)
    throw new RingfenceError('usage', '--port is for a local cell: RDS says where an instance listens');
  if (options.acceptOlder && name === undefined)
    throw new RingfenceError('usage', '--accept-older needs the name of the cell', {
      fix: 'ringfence cells up <name> --accept-older',
    });
  if (options.caFile !== undefined && options.rds === undefined)
    throw new RingfenceError('usage', '--ca-file goes with --rds');
  if (!REGION_NAMES.some((allowed) => allowed === region)) {
    throw new RingfenceError('usage', `${region} is not a region`, {
      fix: `allowed: ${REGION_NAMES.join(', ')}`,
    });
  }
};

const requests = async (runtime: Runtime, options: Options, name?: string): Promise<CellRequest[]> => {
  const known = await listCells(runtime.control);
  const history = options.historyDays === undefined ? {} : { historyDays: options.historyDays };
  if (name === undefined && known.length > 0 && options.region === undefined)
    return known.map((cell) => ({ ...asRequest(cell), ...history }));
  const region = options.region ?? DEFAULT_REGION;
  const wanted = nameOf(options, name);
  const port = options.port === undefined ? {} : { port: options.port };
  const cell = await findCell(runtime.control, wanted);
  if (cell)
    return [
      {
        ...asRequest(cell),
        ...(options.tier ? { tier: options.tier } : {}),
        ...(options.region ? { region } : {}),
        ...port,
        ...history,
      },
    ];
  return [{ name: wanted, tier: options.tier ?? 'shared', region, ...port, ...history }];
};

const asRequest = (cell: Cell): CellRequest => ({ name: cell.name, tier: cell.tier, region: cell.region });
