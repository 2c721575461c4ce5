import type { Outcome } from '../../../control-plane/policies/outcome.js';
import type { CheckedTenant } from '../../../control-plane/policy-check/check-policies.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { allManifests, manifestOf } from '../../manifests/find.js';
import { printError } from '../../print/error.js';
import { describeJudgements } from '../../print/judgements.js';
import { withRuntime } from '../../runtime/with-runtime.js';

const STATUS: Readonly<Record<Outcome, number>> = {
  kept: 0,
  excused: 0,
  unproven: EXIT_STATUS.policy_unproven,
  violated: EXIT_STATUS.policy_violated,
};

/** Exit status 0 when every promise is kept or excused, 5 when one is broken, 1 when something cannot be told. */
export const policiesCheck = defineCommand({
  name: 'check',
  description:
    'whether manifests and what they would deploy keep every promise: exit status 0 when kept, 5 violated, 1 cannot tell',
  arguments: ['[tenant...]'],
  options: { live: { description: 'what is deployed too: the state, and where everything is' } },
  examples: ['ringfence policies check', 'ringfence policies check clinica-sonrisa --live'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/policies/views.js')).checkedView,
  run: async (context, { live = false }, slugs) => {
    const { checkPolicies } = await import('../../../control-plane/policy-check/check-policies.js');
    const { manifests, failures } =
      slugs.length > 0
        ? { manifests: await Promise.all(slugs.map((slug) => manifestOf(context, slug))), failures: [] }
        : await allManifests(context);
    for (const failure of failures) printError(failure, { terminal: context.terminal, json: false });
    const checked = await withRuntime(context, (runtime) => checkPolicies(runtime, manifests, { live }), {
      create: true,
    });
    for (const { slug, error } of checked)
      if (error) {
        context.say(`${slug}:`);
        printError(error, { terminal: context.terminal, json: false });
      }
    context.result(checked, () => checked.map(page).join(''));
    context.exitWith(
      Math.max(
        0,
        ...failures.map(({ exitStatus }) => exitStatus),
        ...checked.map(({ outcome }) => STATUS[outcome]),
      ),
    );
  },
});

const page = ({ slug, outcome, judgements }: CheckedTenant): string =>
  `${slug}: ${outcome}\n${describeJudgements(judgements)
    .map((line) => `  ${line}\n`)
    .join('')}`;
