import { mendCell, readCellDrift } from '../../control-plane/operations/repair-cell.js';
import { getCell } from '../../control-plane/registry/cells.js';
import { describeDifference } from '../../data-plane/database/defences.js';
import { EXIT_STATUS, RingfenceError } from '../../tenants/errors.js';
import { type Context, confirm } from '../context.js';
import { withRuntime } from '../with-runtime.js';

interface Options {
  readonly dryRun?: boolean;
}

/** `ringfence cells repair <cell>`: puts every defence back to what the release says. A dry run exits with 7 when any differs. */
export const cellsRepair = async (context: Context, options: Options, name: string): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    await getCell(runtime.control, name);
    const { differences, tenantIds } = await readCellDrift(runtime, name);
    for (const difference of differences) context.say(`  ~ ${describeDifference(difference)}`);
    if (tenantIds.size > 0)
      context.say(
        `  ${tenantIds.size} tenants differ from their deployments: \`ringfence tenants apply --all\` mends them`,
      );
    if (options.dryRun !== true && differences.length > 0) {
      await confirm(context, `Put ${differences.length} defences of ${name} back?`);
      await mendCell(runtime, name);
      const left = (await readCellDrift(runtime, name)).differences;
      if (left.length > 0)
        throw new RingfenceError('schema_unsafe', `${left.length} defences of ${name} are still another`, {
          fix: 'run `ringfence schema lint`: it names the statement that mends each',
        });
    }
    if (options.dryRun === true && differences.length + tenantIds.size > 0)
      context.exitWith(EXIT_STATUS.no_changes);
    context.result(
      { cell: name, differences, tenantIds: [...tenantIds], dryRun: options.dryRun === true },
      () =>
        differences.length === 0
          ? `${name}: every defence is as released\n`
          : `${name}: ${differences.length} ${options.dryRun ? 'differ from the release' : 'put back'}\n`,
    );
  });
};
