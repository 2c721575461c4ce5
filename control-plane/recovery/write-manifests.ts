import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadManifest, RingfenceError, writeManifest } from '../../manifest/index.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';

interface ManifestsWritten {
  /** Files that were written. */
  readonly written: readonly string[];
  /** Existing files that differ from the deployment, or are not valid; they stay. */
  readonly differing: readonly string[];
}

/** Writes the manifest of each tenant as it was deployed, where there is none. */
export const writeManifests = async ({ control, project }: Runtime): Promise<ManifestsWritten> => {
  const folder = join(project.root, 'tenants');
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const differing: string[] = [];
  for (const { slug } of await listTenants(control)) {
    const deployed = await deployedManifest(control, slug);
    if (!deployed) continue;
    const there = ['yaml', 'yml', 'ts'].map((end) => join(folder, `${slug}.${end}`)).find(existsSync);
    if (there === undefined) written.push(await writeManifest(folder, deployed.tenant));
    else if ((await hashOf(there)) !== deployed.hash) differing.push(there);
  }
  return { written, differing };
};

/** Null for a manifest that is not valid. */
const hashOf = async (path: string): Promise<string | null> => {
  try {
    return (await loadManifest(path)).hash;
  } catch (error) {
    if (error instanceof RingfenceError) return null;
    throw error;
  }
};
