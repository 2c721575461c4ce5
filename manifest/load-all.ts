import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RingfenceError } from '../core/errors.js';
import { type LoadedManifest, type LocatedManifest, locateManifest } from './load.js';
import { invalidManifest } from './parse.js';
import { displayPath } from './read-source.js';

/** The two files at the top of tenants/ that are the vocabulary's own; no tenant may have these names. */
const VOCABULARY = new Set(['index.ts', 'errors.ts']);

export interface LoadedManifests {
  /** Those that hold, by slug. */
  readonly manifests: LoadedManifest[];
  /** One for each file that does not, and one for each name or id that two files share. */
  readonly failures: RingfenceError[];
}

/**
 * Every manifest at the top level of a folder. A broken file does not hide the others.
 * @param except names of files that must not be opened.
 */
export async function loadManifests(
  dir: string,
  except: ReadonlySet<string> = new Set(),
): Promise<LoadedManifests> {
  const located: LocatedManifest[] = [];
  const failures: RingfenceError[] = [];
  for (const name of await manifestNames(dir)) {
    if (except.has(name)) continue;
    try {
      located.push(await locateManifest(join(dir, name)));
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error;
      failures.push(error);
    }
  }
  const clashes = findClashes(located);
  failures.push(...clashes.map(({ line }) => invalidManifest([line])));
  const disputed = new Set(clashes.flatMap(({ parties }) => parties));
  const manifests = located
    .filter((manifest) => !disputed.has(manifest))
    .map(({ place: _, ...manifest }) => manifest)
    .sort((a, b) => (a.tenant.slug < b.tenant.slug ? -1 : 1));
  return { manifests, failures };
}

/** Whether a file of this name, in the folder of manifests, is one. */
export const isManifestName = (name: string): boolean =>
  /\.(?:yaml|yml)$/.test(name) || (isTypeScript(name) && !VOCABULARY.has(name));

/** @throws RingfenceError `tenant_not_found` where there is no such folder. */
export async function manifestNames(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter(isManifestName).sort();
  } catch (error) {
    throw new RingfenceError('tenant_not_found', `${displayPath(dir)}: no such folder of manifests`, {
      fix: 'run in the project, or say where it is with -C',
      cause: error,
    });
  }
}

const isTypeScript = (name: string): boolean =>
  name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');

interface Clash {
  readonly line: string;
  readonly parties: readonly LocatedManifest[];
}

/** What has to be unique among all tenants: the slug, each clinic id, the domain. Both places are named. */
function findClashes(manifests: readonly LocatedManifest[]): Clash[] {
  const owners = new Map<string, { manifest: LocatedManifest; where: string }>();
  const clashes: Clash[] = [];
  for (const manifest of manifests) {
    for (const { key, path, what } of claimsOf(manifest)) {
      const where = manifest.place({ path, message: '', at: 'value' });
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, { manifest, where });
      else if (owner.manifest !== manifest) {
        clashes.push({
          line: `${where}: ${what} is also that of ${owner.where}; allowed: one tenant for each`,
          parties: [owner.manifest, manifest],
        });
      }
    }
  }
  return clashes;
}

function claimsOf({ tenant }: LocatedManifest) {
  const { slug, domain, clinics } = tenant;
  return [
    { key: `slug ${slug}`, path: ['slug'], what: 'this slug' },
    ...(domain === null ? [] : [{ key: `domain ${domain}`, path: ['domain'], what: 'this domain' }]),
    ...clinics.map(({ id }, index) => ({
      key: `clinic ${id}`,
      path: ['clinics', index, 'id'],
      what: 'this clinic id',
    })),
  ];
}
