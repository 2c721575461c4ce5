import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, confirmOption } from '../../terminal/consent.js';

export const backupsForget = defineCommand({
  name: 'forget',
  description: 'give a lost or damaged backup up: doctor does not name it any more',
  arguments: ['<tenant>', '<backup>'],
  options: {
    confirm: { value: '<tenant>', description: "the tenant's slug, where nobody can be asked" },
  },
  view: async () => (await import('../../../control-plane/backups/views.js')).lostBackupView,
  run: async (context, options, slug, backup) => {
    const { forgetBackup } = await import('../../../control-plane/backups/forget-backup.js');
    await confirmByName(
      context,
      slug,
      `This gives backup ${backup} of ${slug} up, with the rows that only it has.`,
      confirmOption(slug, options.confirm),
    );
    const forgotten = await withRuntime(context, (runtime) => forgetBackup(runtime, slug, backup));
    context.result(forgotten, () => `backup ${forgotten.id} with ${forgotten.rows} rows is given up\n`);
  },
});
