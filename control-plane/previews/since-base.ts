import { isDeepStrictEqual } from 'node:util';
import type { LoadedManifest } from '../../manifest/index.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import { tenantStack } from '../../stacks/names.js';
import { diffManifests } from '../deployments/diff-manifests.js';
import { namesOf, type Reason } from '../provisioning/why-affected.js';
import type { OpenBase } from './base/open-base.js';

const differs = (part: Reason['part'], detail: string): Reason => ({ part, against: 'base', detail });

/** What the work tree says of a tenant otherwise than the base. @param exceptions those of the work tree. */
export const sinceBase = (
  base: OpenBase,
  manifest: LoadedManifest,
  exceptions: readonly Exception[],
): Reason[] => {
  const { slug } = manifest.tenant;
  return [...sinceManifest(base, manifest), ...sinceExceptions(base, slug, exceptions)];
};

const sinceManifest = ({ manifests }: OpenBase, { tenant, hash }: LoadedManifest): Reason[] => {
  const before = manifests.get(tenant.slug);
  switch (before?.kind) {
    case undefined:
      return [differs('manifest', 'it is new')];
    case 'same':
      return [];
    case 'unreadable':
      return [differs('manifest', `the base’s cannot be read: ${before.reason}`)];
    case 'other':
      return before.manifest.hash === hash
        ? []
        : [differs('manifest', namesOf(diffManifests(before.manifest.tenant, tenant)))];
  }
};

const sinceExceptions = (
  { exceptions: before }: OpenBase,
  slug: string,
  exceptions: readonly Exception[],
): Reason[] => {
  if (before.kind === 'same') return [];
  if (before.kind === 'unreadable')
    return [differs('policies', `the base’s exceptions cannot be read: ${before.reason}`)];
  const concerning = (all: readonly Exception[]) => all.filter((exception) => mayConcern(exception, slug));
  return isDeepStrictEqual(concerning(before.exceptions), concerning(exceptions))
    ? []
    : [differs('policies', 'exceptions from policies')];
};

/** Resources of all are named otherwise than those of one tenant. */
const mayConcern = ({ tenant, resource }: Exception, slug: string): boolean => {
  if (tenant !== undefined) return tenant === slug;
  const [, owner] = /^(?:manifest |urn:pulumi:tenant\.)([a-z0-9-]+)/.exec(resource) ?? [];
  return owner === undefined || owner === slug || resource.includes(tenantStack(slug));
};
