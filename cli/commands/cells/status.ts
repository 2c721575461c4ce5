import type { InspectedCell } from '../../../control-plane/cell-status/inspect-cell.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { size, table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const cellsStatus = defineCommand({
  name: 'status',
  description: 'one cell: server, tenants, sizes, connections',
  arguments: ['<name>'],
  examples: ['ringfence cells status shared-eu-central-1'],
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../../control-plane/cell-status/views.js')).cellLookView,
  run: async (context, _options, name) => {
    const { inspectCell } = await import('../../../control-plane/cell-status/inspect-cell.js');
    const cell = await withRuntime(context, (runtime) => inspectCell(runtime, name));
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
          ['size class', sizeOf(cell)],
          ['address', `${cell.host ?? '-'}:${cell.port ?? '-'}`],
          ['reached', cell.reach === 'worker' ? 'by the worker alone' : 'directly'],
          ['restorable', restorable(cell)],
          ...replicaOf(cell),
          ...inside(cell),
          ...settingsOf(cell),
          ...cell.kept.map((path) => ['kept aside', path]),
          ...cell.problems.map((problem) => ['problem', problem]),
        ],
      ),
    );
  },
});

const restorable = ({ history, historyDays, problems }: InspectedCell): string => {
  if (history) return `any second since ${history.from.toISOString()}; kept for ${historyDays} days`;
  return problems.length > 0
    ? 'not known now'
    : 'backups only: take a base backup with `ringfence backups base`';
};

const sizeOf = ({ size: sizeClass, restartMs, restartedAt }: InspectedCell): string =>
  restartMs === null
    ? sizeClass
    : `${sizeClass}; its last restart for one took ${restartMs} ms (${restartedAt?.toISOString()})`;

const replicaOf = ({ replica }: InspectedCell): string[][] => {
  if (replica === null) return [];
  const { state, port, lagBytes, lagSeconds } = replica;
  const behind =
    lagBytes === null
      ? 'lag unknown'
      : `${size(lagBytes)} behind${lagSeconds === null ? '' : `, ${lagSeconds.toFixed(1)} s`}`;
  return [['replica', `${state}${port === null ? '' : `, port ${port}`}; ${behind}`]];
};

const settingsOf = ({ settings }: InspectedCell): string[][] =>
  settings === null
    ? []
    : [
        [
          'memory',
          [
            `${settings.sharedBuffersMb} MiB shared`,
            `${settings.effectiveCacheMb} with the system’s cache`,
            `${settings.workMemMb} a sort`,
            `${settings.maintenanceWorkMemMb} for upkeep`,
          ].join(', '),
        ],
        ['workers', `${settings.maxParallelWorkers} of ${settings.maxWorkerProcesses} for queries`],
      ];

const inside = ({ database }: InspectedCell): string[][] =>
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
