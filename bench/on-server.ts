import { plantTenants } from './cell.js';
import { onOneCore } from './cores.js';
import { atMostMoreUs, type Comparison, compare, type Skipped } from './measure.js';
import { findPgbench, installSigner, pgbench, pointReads } from './pgbench.js';
import type { Scene } from './scene.js';

const CLINICS = 20;
const SERVICES = 200;
const SERVICE = '00000000-0000-0000-0000-000000000000';

/**
 * What tenant context costs the server a point read, prepared, with one backend. In transactions of a hundred reads,
 * which is the cost of a statement; and in transactions of one, which have all of `ringfence.enter` on it.
 */
export const benchOnServer = async (scene: Scene): Promise<Comparison[] | Skipped> => {
  const program = findPgbench();
  if (!program) return { name: 'tenant context on the server', skipped: 'pgbench is not installed' };
  const { admin, app, contextKey } = await scene.cell();
  const [tenant] = await plantTenants(admin, CLINICS, SERVICES);
  if (!tenant) throw new Error('no tenant was planted');
  await installSigner(admin, contextKey);
  const variables = { id: tenant.serviceIds[0] ?? '', clinic: tenant.clinicId };
  const bench = (reads: number, name: string): Promise<Comparison> => {
    const arm = (where: 'context' | 'explicit') => async (): Promise<number> => {
      const script = pointReads(where, { ...tenant, userId: SERVICE }, reads);
      const run = { script, mode: 'prepared', clients: 1, seconds: 1, variables } as const;
      return (await pgbench(program, where === 'context' ? app : admin, run)) / reads;
    };
    return compare(name, { baseline: arm('explicit'), measured: arm('context') }, atMostMoreUs(4, 9));
  };
  return onOneCore(admin, async () => [
    await bench(100, 'a point read in tenant context - explicit WHERE, on the server'),
    await bench(1, 'the same with all of enter on one read'),
  ]);
};
