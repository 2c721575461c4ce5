import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { isSlug } from '../../core/ids.js';
import type { LoadedManifest, loadManifests } from '../../manifest/index.js';
import type { Context } from '../terminal/context.js';

const ENDINGS = ['.yaml', '.yml', '.ts'];

export const manifestsDir = (context: Context): string => join(context.project.root, 'tenants');

/** @returns the manifest file of a tenant, or undefined where there is none. @throws RingfenceError `usage` for no slug. */
export const findManifest = (context: Context, slug: string): string | undefined => {
  if (!isSlug(slug)) {
    throw new RingfenceError('usage', `${JSON.stringify(slug)} is not the slug of a tenant`, {
      fix: 'a slug is 3 to 40 of a-z, 0-9 and single hyphens, and starts with a letter',
    });
  }
  return ENDINGS.map((ending) => join(manifestsDir(context), `${slug}${ending}`)).find(existsSync);
};

/** @returns the manifest file that `tenants remove` has put away, or undefined where there is none. */
export const findRemovedManifest = (context: Context, slug: string): string | undefined =>
  ENDINGS.map((ending) => join(manifestsDir(context), `${slug}${ending}.removed`)).find(existsSync);

/**
 * Puts the manifest of a removed tenant away: otherwise the next `apply --all` would deploy it again. @returns its new
 * path, or null.
 */
export const putAwayManifest = (context: Context, slug: string): string | null => {
  const path = findManifest(context, slug);
  if (!path) return null;
  const kept = `${path}.removed`;
  renameSync(path, kept);
  return kept;
};

/** @throws RingfenceError `tenant_not_found` when there is no manifest of that slug. */
export const manifestOf = async (context: Context, slug: string): Promise<LoadedManifest> => {
  const submitted = context.manifests?.find(({ tenant }) => tenant.slug === slug);
  if (submitted) return submitted;
  const path = findManifest(context, slug);
  if (path) return (await import('../../manifest/index.js')).loadManifest(path);
  throw new RingfenceError('tenant_not_found', `there is no manifest tenants/${slug}.yaml`, {
    fix: 'write one, or let `ringfence tenants add` write it',
  });
};

/**
 * Every manifest of the project; the broken ones are reported and counted as failures.
 * @param except names of files that must not be opened.
 */
export const allManifests = async (
  context: Context,
  except?: ReadonlySet<string>,
): ReturnType<typeof loadManifests> =>
  context.manifests
    ? { manifests: [...context.manifests], failures: [] }
    : (await import('../../manifest/index.js')).loadManifests(manifestsDir(context), except);
