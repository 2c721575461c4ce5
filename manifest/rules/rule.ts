import type { z } from 'zod';
import type { CheckedTenant } from '../tenant-shape.js';

type Path = readonly PropertyKey[];

/**
 * What a rule across fields works on. Parts of `tenant` may be of the wrong form; a rule reads only what
 * `sound` or `reachable` allows, and so never reports what follows from another mistake.
 */
export interface Checked {
  readonly tenant: CheckedTenant;
  /** Nothing is wrong at the path, above it or below it. */
  sound(...path: Path): boolean;
  /** Nothing is wrong at the path or above it, but something may be below. */
  reachable(...path: Path): boolean;
  report(path: Path, message: string): void;
}

/** Answers from the mistakes that the schema has found so far. A key too many spoils nothing. */
export function soundness(issues: readonly z.core.$ZodRawIssue[]): Pick<Checked, 'sound' | 'reachable'> {
  const wrong = issues.filter((issue) => issue.code !== 'unrecognized_keys').map((issue) => issue.path ?? []);
  return {
    sound: (...path) => !wrong.some((other) => startsWith(path, other) || startsWith(other, path)),
    reachable: (...path) => !wrong.some((other) => startsWith(path, other)),
  };
}

const startsWith = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((key, index) => key === path[index]);

/** The clinics that can be looked at, with their place in the manifest. */
export const reachableClinics = ({ tenant, reachable }: Checked) =>
  reachable('clinics')
    ? tenant.clinics
        .map((clinic, index) => ({ clinic, path: ['clinics', index] as const }))
        .filter(({ path }) => reachable(...path))
    : [];
