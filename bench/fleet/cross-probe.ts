import { randomInt, randomUUID } from 'node:crypto';
import { openRuntime } from '../../control-plane/open-runtime.js';
import type { Project } from '../../control-plane/project/project.js';
import { listTenants } from '../../control-plane/tenants/store.js';
import { asToolkit } from '../../core/caller.js';
import { asApplication } from '../../data-plane/database/application-logins.js';
import { probeTenant } from '../../isolation/probe.js';

export interface CrossProbe {
  readonly tenants: number;
  readonly checks: number;
  readonly leaks: number;
  readonly unproven: number;
  readonly tookMs: number;
}

/** Attacks tenants taken at random from their neighbours and back, in the cell as it is. */
export const crossProbe = async (project: Project, count: number): Promise<CrossProbe> => {
  const runtime = await openRuntime({
    project,
    caller: asToolkit({ correlationId: randomUUID() }),
    env: process.env,
    onProgress: () => undefined,
  });
  try {
    const all = await listTenants(runtime.control);
    const chosen = Array.from({ length: Math.min(count, all.length) }, () =>
      all.splice(randomInt(all.length), 1),
    ).flat();
    const startedMs = performance.now();
    const found = { checks: 0, leaks: 0, unproven: 0 };
    for (const { id, cell, clinicIds } of chosen) {
      const admin = await runtime.target.adminConnection(cell);
      const credentials = runtime.target.credentials(cell);
      const app = await asApplication(admin, credentials);
      const options = {
        tenantId: id,
        clinicIds: Object.values(clinicIds),
        contextKey: credentials.contextKey,
        now: () => new Date(),
      };
      const report = await probeTenant(admin, app, options);
      found.checks += report.checks;
      found.leaks += report.leaks.length;
      found.unproven += report.unproven.length;
    }
    return { tenants: chosen.length, ...found, tookMs: performance.now() - startedMs };
  } finally {
    await runtime.close();
  }
};
