import type { Outcome } from '../../../control-plane/residency/judge.js';
import type { TenantResidency } from '../../../control-plane/residency/tenant-residency.js';
import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

const STATUS: Readonly<Record<Outcome, number>> = {
  proven: 0,
  unproven: EXIT_STATUS.residency_unproven,
  violated: EXIT_STATUS.residency_violated,
};

/** Exit status 0 when all of it is proven, 5 when something is outside, 1 when something cannot be told. */
export const tenantsResidency = defineCommand({
  name: 'residency',
  description:
    'where all of a tenant is, as whoever holds it says: exit status 0 when proven, 5 outside, 1 cannot tell',
  arguments: ['<tenant>'],
  examples: [
    'ringfence tenants residency clinica-sonrisa',
    'ringfence tenants residency clinica-sonrisa --json',
  ],
  onWorker: { kind: 'tenants residency' },
  view: async () => (await import('../../../control-plane/residency/views.js')).residencyView,
  run: async (context, _options, slug) => {
    const { residencyOf } = await import('../../../control-plane/residency/tenant-residency.js');
    const residency = await withRuntime(context, (runtime) => residencyOf(runtime, slug));
    context.result(residency, () => page(residency));
    context.exitWith(STATUS[residency.outcome]);
  },
});

const MEANING: Readonly<Record<Outcome, string>> = {
  proven: 'everything that was looked for is inside, by the word of whoever holds it',
  unproven: 'nothing is known to be outside, and where something is cannot be told: that is no proof',
  violated: 'something is outside',
};

const page = ({ tenant, asked, at, outcome, rows, limits }: TenantResidency): string => {
  const inRegion = asked.region === null ? '' : `, the database in ${asked.region}`;
  return [
    `${tenant}: residency ${asked.residency}${inRegion}; looked at ${at.toISOString()}\n\n`,
    table(
      ['part', 'cell', 'asked', 'declared', 'is in', 'verdict', 'what', 'evidence'],
      rows.map((row) => [
        row.part,
        row.cell ?? '-',
        row.asked,
        row.declared ?? '-',
        row.region ?? '-',
        row.verdict,
        row.what,
        row.evidence,
      ]),
    ),
    `\n${outcome}: ${MEANING[outcome]}\n`,
    `not looked for: ${limits.join('; ')}\n`,
  ].join('');
};
