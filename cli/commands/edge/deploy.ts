import type { EdgeDeployment } from '../../../control-plane/edge/deploy-edge.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { describeJudgements } from '../../print/judgements.js';
import { isChange } from '../../print/preview.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { describeChange, progress } from '../../terminal/progress.js';

export const edgeDeploy = defineCommand({
  name: 'deploy',
  description:
    'deploy the edge to Cloudflare, or mend it: its Worker, its tenants, their hosts and certificates',
  options: { dryRun: { description: 'show what would change, and what the policies say; change nothing' } },
  note: 'Reads CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_ZONE_ID, RINGFENCE_EDGE_OPERATOR_KEY, RINGFENCE_EDGE_ORIGIN_KEY.',
  examples: ['ringfence edge deploy --dry-run', 'ringfence edge deploy'],
  view: async () => (await import('../../../control-plane/edge/views.js')).edgeDeploymentView,
  run: async (context, { dryRun = false }) => {
    const { deployEdge, previewEdge } = await import('../../../control-plane/edge/deploy-edge.js');
    const { outcomeOf } = await import('../../../control-plane/policies/outcome.js');
    const { env } = context.terminal;
    const report = progress(context, 'edge');
    const deployment = await withRuntime(context, (runtime) =>
      dryRun ? previewEdge(runtime, env) : deployEdge(runtime, env, report.change),
    );
    if (!dryRun) report.done();
    context.result({ dryRun, ...deployment }, () => page(deployment, dryRun));
    if (dryRun && outcomeOf(deployment.judgements) === 'violated')
      context.exitWith(EXIT_STATUS.policy_violated);
  },
});

const page = ({ name, hosts, closed, changes, judgements }: EdgeDeployment, dryRun: boolean): string => {
  const changing = changes.filter(isChange);
  return [
    ...(dryRun ? changing.map((change) => `  ${describeChange(change)}\n`) : []),
    ...(dryRun ? describeJudgements(judgements).map((line) => `  ${line}\n`) : []),
    table(
      ['host', 'tenant', 'to be pointed at'],
      hosts.map(({ host, tenant, pointsTo }) => [host, tenant ?? '-', pointsTo ?? '-']),
    ),
    ...closed.map(({ tenant, reason }) => `closed: ${tenant}: ${reason}\n`),
    `edge ${name}: ${changing.length === 0 ? 'no changes' : `${changing.length} changes`}${dryRun ? '; dry run: nothing was changed' : ''}\n`,
  ].join('');
};
