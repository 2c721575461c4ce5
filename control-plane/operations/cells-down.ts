import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { cellStack } from '../../stacks/names.js';
import { RingfenceError } from '../../tenants/errors.js';
import { controlDir } from '../control-database.js';
import { destroyStack } from '../deployment/stack-run.js';
import { withLock } from '../lock.js';
import type { Project } from '../project.js';
import { forgetCell, getCell } from '../registry/cells.js';
import { listTenants } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { mutantServerDir } from './test-mutants.js';

/** What a project keeps besides the engine, which is expensive to make. */
const GENERATED = [
  'cells',
  'control',
  'erasure',
  'isolation',
  'keyring',
  'objects',
  'passphrase',
  'pulumi',
  'scratch',
  'state',
  'workspace',
];

/** Stops one cell's server. Its data stays; `cells up` finds it again. */
export const stopCell = async (runtime: Runtime, name: string): Promise<void> => {
  await getCell(runtime.control, name);
  stopLocalServer(runtime.target.cellDir(name));
};

/** Stops every server of the project, the control database too. @returns the cells that there are. */
export const stopAll = (project: Project): string[] => {
  const cells = cellNames(project);
  for (const name of cells) stopLocalServer(join(project.home, 'cells', name));
  stopLocalServer(mutantServerDir(project));
  stopLocalServer(controlDir(project));
  return cells;
};

/**
 * Removes a cell with its data, root key and stack.
 * @throws RingfenceError `conflict` while tenants live in it.
 */
export const purgeCell = async (runtime: Runtime, name: string): Promise<void> => {
  await getCell(runtime.control, name);
  await withLock(runtime.control, `cell/${name}`, async () => {
    const tenants = (await listTenants(runtime.control)).filter((tenant) => tenant.cell === name);
    if (tenants.length > 0) {
      throw new RingfenceError(
        'conflict',
        `${tenants.length} tenants live in cell ${name}: ${tenants
          .slice(0, 5)
          .map((tenant) => tenant.slug)
          .join(', ')}`,
        {
          fix: 'remove them first with `ringfence tenants remove`',
        },
      );
    }
    await ensureLocalServer(runtime.target.cellDir(name));
    await destroyStack(await runtime.stackRunner(), {
      stack: cellStack(name),
      program: async () => ({}),
      recover: true,
    });
    await forgetCell(runtime.control, name);
  });
};

/** Stops and removes everything that Ringfence made for the project, except the cached engine. */
export const purgeAll = (project: Project): string[] => {
  const cells = cellNames(project);
  for (const name of cells) purgeLocalServer(join(project.home, 'cells', name));
  purgeLocalServer(mutantServerDir(project));
  purgeLocalServer(controlDir(project));
  for (const entry of GENERATED) rmSync(join(project.home, entry), { recursive: true, force: true });
  for (const entry of existsSync(project.home) ? readdirSync(project.home) : [])
    if (entry.startsWith('.passphrase.')) rmSync(join(project.home, entry), { force: true });
  return cells;
};

const cellNames = (project: Project): string[] => {
  try {
    return readdirSync(join(project.home, 'cells')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};
