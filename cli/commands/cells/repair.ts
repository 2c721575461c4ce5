import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { describeFinding } from '../../print/finding.js';
import { sayDifference } from '../../print/mended.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

/**
 * Puts every defence back to what the release says, then runs the schema lint, which sees more. A dry run exits with 7 when
 * a defence differs; otherwise both exit with the lint's status when it has findings.
 */
export const cellsRepair = defineCommand({
  name: 'repair',
  description: 'put roles, grants, policies, triggers and logins back to what this release says',
  arguments: ['<name>'],
  options: {
    dryRun: { description: 'say what differs and change nothing; exit status 7 when anything does' },
  },
  examples: ['ringfence cells repair shared-eu-central-1 --dry-run'],
  onWorker: { kind: 'cells repair' },
  view: async () => (await import('../../../control-plane/cells/views.js')).cellRepairView,
  run: async (context, options, name) => {
    const { lintCell } = await import('../../../control-plane/cells/lint-cells.js');
    const { mendCell, readNamedCellDrift } = await import('../../../control-plane/cells/repair-cell.js');
    const dryRun = options.dryRun === true;
    const { dropOrphans } = await import('../../../control-plane/moves/orphans.js');
    await withRuntime(context, async (runtime) => {
      const { differences, tenantIds } = await readNamedCellDrift(runtime, name);
      for (const difference of differences) sayDifference(context, difference);
      if (tenantIds.size > 0)
        context.say(
          `  ${tenantIds.size} tenants differ from their deployments: \`ringfence tenants apply --all\` mends them`,
        );
      if (!dryRun && differences.length > 0) {
        await confirm(context, `Put ${differences.length} defences of ${name} back?`);
        await mendCell(runtime, name, () => undefined);
      }
      for (const orphan of await dropOrphans(runtime, name, { dryRun }))
        context.say(`  ${orphan}, of a move that is over${dryRun ? '' : ': dropped'}`);
      // The lint would name the same differences again, with all their consequences.
      const findings = dryRun && differences.length > 0 ? [] : await lintCell(runtime, name);
      for (const finding of findings) context.say(describeFinding(finding).trimEnd());
      if (dryRun && differences.length + tenantIds.size > 0) context.exitWith(EXIT_STATUS.no_changes);
      else if (findings.length > 0) context.exitWith(EXIT_STATUS.schema_unsafe);
      context.result({ cell: name, differences, tenantIds: [...tenantIds], findings, dryRun }, () => {
        const defences =
          differences.length === 0
            ? 'every defence is as released'
            : `${differences.length} ${dryRun ? 'differ from the release; the schema lint looks when they are put back' : 'put back'}`;
        return `${name}: ${defences}${findings.length > 0 ? `, but the schema lint names ${findings.length}` : ''}\n`;
      });
    });
  },
});
