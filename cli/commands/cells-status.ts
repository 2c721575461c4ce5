import { type CellLook, lookAtCell } from '../../control-plane/cell-status/look-at-cell.js';
import type { Context } from '../context.js';
import { size, table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence cells status <name>` */
export const cellsStatus = async (context: Context, _options: unknown, name: string): Promise<void> => {
  const cell = await withRuntime(context, (runtime) => lookAtCell(runtime, name));
  context.result(cell, () =>
    table(
      ['', name],
      [
        [
          'state',
          cell.state === 'lost' ? `lost; \`ringfence cells restore ${name}\` brings it back` : cell.state,
        ],
        ['tier', cell.tier],
        ['region', cell.region],
        ['address', `${cell.host ?? '-'}:${cell.port ?? '-'}`],
        ['restorable', restorable(cell)],
        ...inside(cell),
        ...cell.kept.map((path) => ['kept aside', path]),
        ...cell.problems.map((problem) => ['problem', problem]),
      ],
    ),
  );
};

const restorable = ({ history, historyDays, problems }: CellLook): string => {
  if (history) return `any second since ${history.from.toISOString()}; kept for ${historyDays} days`;
  return problems.length > 0
    ? 'not known now'
    : 'backups only: take a base backup with `ringfence backups base`';
};

const inside = ({ database }: CellLook): string[][] =>
  database === null
    ? []
    : [
        ['postgres', database.version],
        ['archiving', database.archiving],
        ['size', size(database.sizeBytes)],
        ['connections', `${database.connections} of ${database.maxConnections}`],
        ['tenants', `${database.tenants}, with ${database.clinics} clinics`],
        ['tenant tables', String(database.tenantTables)],
        ['up for', `${Math.round(database.uptimeSeconds)} s`],
      ];
