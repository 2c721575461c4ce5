import { resolve } from 'node:path';
import type { CellRequest } from '../../../control-plane/cells/cells-up.js';
import type { Cell } from '../../../control-plane/cells/store.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { RingfenceError } from '../../../core/errors.js';
import { isSlug } from '../../../core/ids.js';
import { REGION_NAMES, type RegionName } from '../../../core/regions.js';
import { defineCommand } from '../../command/define-command.js';
import { parseDays, parsePort } from '../../command/option-values.js';
import { defineOptions, type OptionValues } from '../../command/options.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';
import { progress } from '../../terminal/progress.js';

const DEFAULT_REGION: RegionName = 'eu-central-1';

const options = defineOptions({
  tier: { value: '<tier>', description: 'shared or dedicated', choices: ['shared', 'dedicated'] },
  region: { value: '<region>', description: 'AWS region, for a new cell' },
  port: { value: '<port>', description: 'loopback port, for a new cell', parse: parsePort },
  rds: {
    value: '<instance>',
    description: 'for a new cell: an instance of Amazon RDS that is there already',
  },
  caFile: {
    value: '<file>',
    description: 'with --rds: authorities of its certificate (PEM), instead of Amazon’s own',
  },
  historyDays: {
    value: '<days>',
    description: 'how far back any second can be restored; 7 for a new cell',
    parse: parseDays(1, 35),
  },
});

type Options = OptionValues<typeof options>;

/** `ringfence cells up [name]` */
export const cellsUp = defineCommand({
  name: 'up',
  description: 'bring a cell up, or find it again after a crash or a reboot; all known cells without a name',
  arguments: ['[name]'],
  options,
  examples: ['ringfence cells up', 'ringfence cells up shared-eu-west-1 --region eu-west-1'],
  run: async (context, options, name) => {
    const { bringCellUp } = await import('../../../control-plane/cells/cells-up.js');
    checkRequest(options, name);
    await withRuntime(
      context,
      async (runtime) => {
        const up: Cell[] = [];
        const rds = rdsOf(context, options);
        for (const request of await requests(runtime, options, name)) {
          const report = progress(context, `cell ${request.name}`);
          up.push(await bringCellUp(runtime, { ...request, ...rds }, report.change));
          report.done();
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
  },
});

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
  if (options.caFile !== undefined && options.rds === undefined)
    throw new RingfenceError('usage', '--ca-file goes with --rds');
  if (!REGION_NAMES.some((allowed) => allowed === region)) {
    throw new RingfenceError('usage', `${region} is not a region`, {
      fix: `allowed: ${REGION_NAMES.join(', ')}`,
    });
  }
};

const requests = async (runtime: Runtime, options: Options, name?: string): Promise<CellRequest[]> => {
  const { findCell, listCells } = await import('../../../control-plane/cells/store.js');
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
