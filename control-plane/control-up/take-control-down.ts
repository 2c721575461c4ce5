import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { infrastructureStack } from '../../stacks/names.js';
import { listCells } from '../cells/store.js';
import type { ResourceChange } from '../engine/run/change.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { destroyStack } from '../engine/run/stack-run.js';
import { keptDatabases } from '../erasure/kept-databases.js';
import { inRuntime } from '../open-runtime.js';
import { type ControlPlace, forgetControlAddress } from '../project/control-address.js';
import { findControlInfrastructure } from '../project/control-infrastructure.js';
import { CONTROL_DATABASE, type ControlServer } from '../project/control-server.js';
import { hasStack } from '../project/state/stack-files.js';
import { readProject } from '../project/store.js';
import type { Runtime, RuntimeOptions } from '../runtime.js';
import { controlName } from './infrastructure.js';

/**
 * Removes a control database that knows of no cell: the instance that Ringfence made, with a last snapshot and all around it but the key; in
 * an instance that was there already its database, with those that restores kept aside.
 * @throws RingfenceError usage for one on this machine; `conflict` while there are cells, and while the instance is protected.
 */
export const takeControlDown = async (
  options: RuntimeOptions,
  onChange: (change: ResourceChange) => void,
): Promise<ControlPlace> => {
  const { server, isMade } = await inRuntime(options, async (runtime) => {
    const unused = await requireUnused(runtime);
    const ours = (await findControlInfrastructure(runtime.control)) !== undefined;
    if (ours) await destroyControl(runtime, unused, onChange);
    return { server: unused, isMade: ours };
  });
  if (!isMade)
    await withConnection(await server.connect('postgres'), async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${CONTROL_DATABASE}`);
      for (const { name } of await keptDatabases(client))
        await client.query(`DROP DATABASE ${client.escapeIdentifier(name)}`);
    });
  forgetControlAddress(options.project);
  return server.place;
};

const requireUnused = async ({ control, controlServer }: Runtime): Promise<ControlServer> => {
  if (controlServer === undefined)
    throw new RingfenceError('usage', 'the control database is on this machine', {
      fix: 'it goes with the project: ringfence cells down --purge',
    });
  const [cell] = await listCells(control);
  if (cell === undefined) return controlServer;
  throw new RingfenceError('conflict', `the control database has cell ${cell.name}`, {
    fix: `remove each cell first: ringfence cells down ${cell.name} --purge`,
  });
};

const destroyControl = async (
  runtime: Runtime,
  server: ControlServer,
  onChange: (change: ResourceChange) => void,
): Promise<void> => {
  await server.wake();
  const stack = infrastructureStack(controlName((await readProject(runtime.control)).id));
  if (!(await hasStack(runtime.state, stack)))
    throw new RingfenceError(
      'conflict',
      `the engine does not know stack ${stack} here, so nothing was removed`,
      {
        fix: 'take it down where it was made; or type `ringfence control up` first, which takes over what is there',
      },
    );
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'aws');
  await destroyStack(runner, { stack, program: async () => ({}), recover: true, onEvent: onChange });
};
