import { RingfenceError } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseCount } from '../../command/option-values.js';
import { deployManifest } from '../../manifests/deploy-manifest.js';
import { manifestOf } from '../../manifests/find.js';
import { describeInputChanges } from '../../print/deployment-changes.js';
import { describeSummary } from '../../print/summary.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const deploymentsRollback = defineCommand({
  name: 'rollback',
  description: 'deploy once more what a tenant was deployed as before; rows stay as they are',
  arguments: ['<tenant>'],
  options: {
    to: { value: '<number>', description: 'the deployment to go back to', parse: parseCount },
    dryRun: { description: 'show what would change and what cannot come back; change nothing' },
    why: { value: '<words>', description: 'why, kept with the deployment' },
    allowReplace: {
      value: '<urn>',
      description: 'this data may be replaced or deleted; again for each',
      many: true,
      whenNone: 'no data may',
    },
  },
  examples: [
    'ringfence deployments rollback clinica-sonrisa --to 3 --dry-run',
    'ringfence deployments rollback clinica-sonrisa --to 3 --yes',
  ],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/deployments/views.js')).deploymentRollbackView,
  run: async (context, { to, dryRun, why, allowReplace }, slug) => {
    if (to === undefined)
      throw new RingfenceError('usage', 'name the deployment to go back to: --to <number>', {
        fix: `see \`ringfence deployments list ${slug}\``,
      });
    const { planRollback } = await import('../../../control-plane/rollback/plan-rollback.js');
    const { diffManifests } = await import('../../../control-plane/deployments/diff-manifests.js');
    await withRuntime(context, async (runtime) => {
      const { manifest, ...plan } = await planRollback(runtime, slug, to);
      context.say(
        plan.changes.length === 0
          ? `deployment ${to} of ${slug} was of the same inputs as deployment ${plan.from}`
          : describeInputChanges(plan.changes).trimEnd(),
      );
      for (const line of plan.stays) context.say(`does not come back: ${line}`);
      const summary = await deployManifest(context, runtime, manifest, {
        question: `Bring ${slug} back to its deployment ${to}?`,
        why: why ?? `back to deployment ${to}`,
        allowReplace,
        asksAlways: true,
        dryRun,
      });
      const undoneByApply = await manifestOf(context, slug).then(
        (file) => diffManifests(manifest.tenant, file.tenant),
        // One that is not there, or has mistakes, deploys nothing.
        () => [],
      );
      if (undoneByApply.length > 0 && !dryRun)
        context.say(
          `the manifest says otherwise (${undoneByApply.map(({ path }) => path).join(', ')}): revert it too, or the next \`ringfence tenants apply\` deploys that again`,
        );
      const deployed = summary !== undefined;
      context.result({ ...plan, deployed, undoneByApply }, () =>
        summary
          ? describeSummary(summary)
          : dryRun
            ? ''
            : `${slug}: nothing is different from deployment ${to}\n`,
      );
    });
  },
});
