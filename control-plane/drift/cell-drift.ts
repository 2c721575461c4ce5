import { withConnection } from '../../data-plane/database/connect.js';
import { readUndeclared } from '../../data-plane/database/undeclared.js';
import { isDeployed, isUp, previewCell } from '../cells/cells-up.js';
import { infrastructureRun } from '../cells/infrastructure.js';
import { driftChange, readCellDrift } from '../cells/repair-cell.js';
import type { Cell } from '../cells/store.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { previewStack } from '../engine/run/stack-run.js';
import { failureOf } from '../operation/failure.js';
import type { Runtime } from '../runtime.js';
import { differencesIn } from './changes.js';
import { type Difference, type Drift, driftOf } from './drift.js';

type Look = (runtime: Runtime, cell: Cell) => Promise<Difference[]>;

/** What the engine knows of the cell in AWS. */
const infrastructure: Look = async (runtime, cell) => {
  const wanted = await infrastructureRun(runtime, cell);
  if (wanted === undefined) return [];
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  const { run, exists } = wanted;
  return differencesIn(await previewStack(runner, { ...run, recover: false, exists, refresh: true }));
};

/** Server, settings, roles, grants and database, as the engine knows them. */
const stack: Look = async (runtime, { name, tier, region }) =>
  differencesIn(
    (await previewCell(runtime, { name, tier, region }, { refresh: true })).filter(
      // Which differences those are, `defences` says.
      ({ changed }) => changed.join() !== 'differences',
    ),
  );

/** Policies, triggers, functions and rights, as this release makes them. */
const defences: Look = async (runtime, { name }) =>
  differencesIn(driftChange(await readCellDrift(runtime, name)));

const undeclared: Look = async ({ target }, { name }) =>
  withConnection(await target.adminConnection(name), async (client) =>
    (await readUndeclared(client)).map(({ kind, name: made }) => ({
      kind: 'undeclared',
      what: `${kind} ${made}`,
      parts: [],
    })),
  );

/** Looks at the real resources of a cell, and for what nobody declared. Changes nothing, starts nothing. */
export const driftOfCell = async (runtime: Runtime, cell: Cell): Promise<Drift> => {
  const differences: Difference[] = [];
  const cannotTell: string[] = [];
  const look = async (what: string, looking: Look): Promise<void> => {
    try {
      differences.push(...(await looking(runtime, cell)));
    } catch (thrown) {
      const { code, message } = failureOf(thrown, what);
      cannotTell.push(`${what}: [${code}] ${message}`);
    }
  };
  await look('what it has in AWS', infrastructure);
  if (!(await isUp(runtime, cell).catch(() => false)))
    cannotTell.push('its server does not run, or does not answer');
  else {
    if (await isDeployed(runtime, cell.name)) await look('its stack', stack);
    else
      cannotTell.push(
        'its stack: the engine has lost what it knew of it; the next deployment adopts what is there',
      );
    await look('its defences', defences);
    await look('what nobody declared', undeclared);
  }
  return driftOf('cell', cell.name, { differences, cannotTell });
};
