import type { Split } from '../../../control-plane/costs/cell-shares.js';
import type { CostLine } from '../../../control-plane/costs/cost-line.js';
import type { CostReport } from '../../../control-plane/costs/tenant-costs.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { costText, eurText } from '../../print/eur.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const tenantsCost = defineCommand({
  name: 'cost',
  description: 'what tenants cost a month in EUR: their part of their cells by use, and their backups',
  arguments: ['[tenant]'],
  examples: ['ringfence tenants cost', 'ringfence tenants cost clinica-sonrisa --json'],
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/costs/views.js')).costsView,
  run: async (context, _options, slug) => {
    const { tenantCosts } = await import('../../../control-plane/costs/tenant-costs.js');
    const report = await withRuntime(context, (runtime) => tenantCosts(runtime, slug));
    context.result(report, () => page(report));
  },
});

const SPLIT_WORDS: Readonly<Record<Split, string>> = {
  alone: 'all of it',
  use: 'by use',
  evenly: 'evenly, nobody used it',
  unknown: 'its use cannot be read',
};

const page = (report: CostReport): string =>
  [tenantTable(report), cellTable(report), pricesText(report)].join('\n');

const tenantTable = ({ tenants }: CostReport): string =>
  table(
    [
      'tenant',
      'EUR/month',
      'cell',
      'its part',
      'split',
      'requests',
      'compute s',
      'storage',
      'backups',
      'stored',
    ],
    tenants.flatMap((tenant) => {
      const backups = [costText(tenant.backups), size(tenant.backups.storedBytes)];
      const [first, ...others] = tenant.cells.map((share) => [
        share.cell,
        costText(share),
        SPLIT_WORDS[share.by],
        ...(share.metered
          ? [
              String(share.metered.requests),
              (share.metered.computeMs / 1_000).toFixed(1),
              size(share.metered.storageBytes),
            ]
          : ['-', '-', '-']),
      ]);
      return [
        [tenant.tenant, costText(tenant), ...(first ?? Array(6).fill('-')), ...backups],
        ...others.map((share) => ['', '', ...share, '', '']),
      ];
    }),
  );

const cellTable = ({ cells }: CostReport): string =>
  table(
    ['cell', 'EUR/month', 'what', 'EUR', 'basis'],
    cells.flatMap((cell) =>
      cell.lines.map(({ what, microEur, basis }, index) => [
        ...(index === 0 ? [cell.cell, costText(cell)] : ['', '']),
        what,
        microEur === null ? '?' : eurText(microEur),
        basis,
      ]),
    ),
  );

const pricesText = ({ prices, tenants, limits }: CostReport): string => {
  const { file, currency, eurPerUnit } = prices;
  const unknown = new Set(tenants.flatMap(({ backups }) => backups.lines.flatMap(unknownOf)));
  return [
    ...[...unknown].map((basis) => `backups: ${basis}\n`),
    `prices: ${file ?? 'the table that comes with Ringfence; prices.json in the project replaces it'}; `,
    `1 ${currency} is ${eurPerUnit.eur} EUR (${eurPerUnit.date}, ${eurPerUnit.from})\n`,
    `not counted: ${limits.join('; ')}\n`,
  ].join('');
};

const unknownOf = ({ microEur, basis }: CostLine): string[] => (microEur === null ? [basis] : []);
