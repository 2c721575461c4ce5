import type { CellRestorePlan } from '../../../control-plane/cell-restore/cell-restore-plan.js';
import type { CellRestored, RestoredTenant } from '../../../control-plane/cell-restore/restore-cell.js';
import type { RingfenceError } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseTime } from '../../command/option-values.js';
import { sayMended } from '../../print/mended.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, confirmOption } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';
import { progress } from '../../terminal/progress.js';

const MINUTE_MS = 60_000;

export const cellsRestore = defineCommand({
  name: 'restore',
  description: 'bring a cell on this machine back that lost its data, or all of it to an earlier time',
  arguments: ['<name>'],
  options: {
    to: { value: '<time>', description: 'as it was then: any moment of its history', parse: parseTime },
    confirm: {
      value: '<name>',
      description: 'its name again, instead of typing it, where later changes are given up',
    },
  },
  examples: ['ringfence cells restore shared-eu-central-1'],
  notOnWorker: NOT_ON_WORKER.ofServer,
  view: async () => (await import('../../../control-plane/cell-restore/views.js')).cellRestoreView,
  run: async (context, options, name) => {
    const { planCellRestore } = await import('../../../control-plane/cell-restore/cell-restore-plan.js');
    const { restoreCell } = await import('../../../control-plane/cell-restore/restore-cell.js');
    await withRuntime(context, async (runtime) => {
      const plan = await planCellRestore(runtime, name, options.to);
      await ask(context, plan, options.confirm, runtime.now());
      const report = progress(context, `cell ${name}`);
      const restored = await restoreCell(runtime, plan, {
        onViolation: context.say,
        onChange: report.change,
        onMended: (difference) => sayMended(context, name, difference),
        onTenant: (slug) => context.say(`› ${slug}`),
      });
      report.done();
      const failed = restored.tenants.find(({ broughtBack }) => broughtBack?.failure)?.broughtBack?.failure;
      if (failed) context.exitWith(failed.exitStatus);
      context.result(asJson(restored), () => describe(restored));
    });
  },
});

const ask = async (
  context: Context,
  plan: CellRestorePlan,
  given: string | undefined,
  now: Date,
): Promise<void> => {
  const { cell, way, to, isThere, tenants } = plan;
  const of = tenants.length > 0 ? ` of ${tenants.join(', ')}` : '';
  if (isThere && to) {
    const minutes = Math.ceil((now.getTime() - to.getTime()) / MINUTE_MS);
    const what = `This takes all of cell ${cell} back to ${to.toISOString()}: what was changed since (${minutes} min) is given up${of}, and all sessions end. The data as it is now is kept beside it.`;
    await confirmByName(context, cell, what, confirmOption(cell, given));
    return;
  }
  const from = {
    history: 'its base backups and archived WAL',
    archives: 'its tenants’ own backups, in a new cell',
    tenants: 'their own backups',
  }[way];
  const what = way === 'tenants' ? tenants.join(', ') : `cell ${cell}`;
  await confirm(context, `Bring ${what} back from ${from}?`);
};

const asJson = ({ tenants, ...restored }: CellRestored) => ({
  ...restored,
  tenants: tenants.map(({ broughtBack, ...tenant }) => ({
    ...tenant,
    backup: broughtBack?.backup ?? null,
    failure: broughtBack?.failure ? failureOf(broughtBack.failure) : null,
  })),
});

const NO_LONGER_THERE = {
  erased: 'was erased since, and was taken out again',
  removed: 'was removed since, and was taken out again',
  left: 'has left the cell since, and was taken out again',
  unknown: 'is in the cell, but not registered there: its rows are as they were',
} as const;

const failureOf = ({ code, message, fix }: RingfenceError) => ({ code, message, fix: fix ?? null });

const describe = (restored: CellRestored): string => {
  const { cell, lastCommitAt, kept, notArchived, noLongerThere, tenants } = restored;
  const lines = [
    lastCommitAt
      ? `${cell}: as it was after its last change of ${lastCommitAt.toISOString()}`
      : `${cell}: from its tenants’ own backups`,
    ...(notArchived
      ? [`not all could be archived before, later changes may be in what is kept: ${notArchived}`]
      : []),
    ...kept.map((path) => `kept, remove it when you miss nothing: ${path}`),
    ...noLongerThere.map(({ slug, tenantId, why }) => `${slug} (${tenantId}) ${NO_LONGER_THERE[why]}`),
    ...tenants.flatMap(notes),
  ];
  const rows = tenants.map(({ slug, rows: count, broughtBack }) => [
    slug,
    count === null ? 'not in it' : String(count),
    broughtBack?.backup
      ? `backup ${broughtBack.backup.id} of ${broughtBack.backup.takenAt.toISOString()}`
      : restored.way === 'history'
        ? 'history'
        : '-',
  ]);
  return `${table(['tenant', 'rows', 'from'], rows)}${lines.map((line) => `${line}\n`).join('')}`;
};

const notes = ({ slug, rows, drifted, broughtBack }: RestoredTenant): string[] => {
  const { backup = null, failure = null } = broughtBack ?? {};
  return [
    ...(failure ? [`${slug}: ${failure.message}${failure.fix ? `; ${failure.fix}` : ''}`] : []),
    ...(rows === null && !failure
      ? [`${slug} was not in the cell then: \`ringfence tenants apply ${slug}\`, then restore a backup of it`]
      : []),
    ...(drifted ? [`${slug} is otherwise than its manifest says: \`ringfence tenants apply ${slug}\``] : []),
    ...(backup && backup.different.length > 0
      ? [`${slug}: not as in the backup: ${backup.different.join(', ')}`]
      : []),
    ...(backup && backup.skipped.length > 0
      ? [
          `${slug}: an older backup was taken, because these are lost or damaged: ${backup.skipped.join(', ')}`,
        ]
      : []),
    ...(backup && backup.missing.length > 0
      ? [
          `${slug}: tables that the cell lacks: ${backup.missing.join(', ')}; make them, then \`ringfence backups restore ${slug} --backup ${backup.id}\``,
        ]
      : []),
  ];
};
