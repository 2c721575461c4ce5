import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { manifestOf } from '../../manifests/find.js';
import { confirm } from '../../terminal/consent.js';
import { tenantsApply } from '../tenants/apply.js';

/** Writes them into the manifest, then deploys it. */
export const quotasSet = defineCommand({
  name: 'set',
  description: 'write limits into the manifest and deploy them: rows=750000 requestsPerMinute=600',
  arguments: ['<tenant>', '<quota=limit...>'],
  examples: ['ringfence quotas set clinica-sonrisa rows=750000 requestsPerMinute=600'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/provisioning/views.js')).appliedView,
  run: async (context, _options, slug, assignments) => {
    const { editQuotas, readQuotaAssignments } = await import('../../../manifest/edit-quotas.js');
    const changes = readQuotaAssignments(assignments);
    const { path } = await manifestOf(context, slug);
    await confirm(context, `Write ${assignments.join(', ')} into the manifest of ${slug} and deploy it?`);
    await editQuotas(path, changes);
    await tenantsApply.run({ ...context, yes: true }, { concurrency: 1, allowReplace: [] }, slug);
  },
});
