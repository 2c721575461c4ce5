import { basename, extname, resolve } from 'node:path';
import { isSlug } from '../core/ids.js';
import { hashTenant } from './hash.js';
import { checkTenant, invalidManifest } from './parse.js';
import { formatPath, type Problem } from './problems.js';
import { displayPath, readSource } from './read-source.js';
import type { Tenant } from './tenant.js';
import { readTypeScript } from './typescript-source.js';
import { type Position, parseYaml } from './yaml-source.js';

/** A manifest that holds: where it is, the tenant with every default, and the hash of that tenant. */
export interface LoadedManifest {
  readonly path: string;
  readonly tenant: Tenant;
  /** SHA-256 over the canonical JSON of `tenant`; the order of keys and comments do not change it. */
  readonly hash: string;
}

/** A loaded manifest that can still say where in its file a value stands. */
export interface LocatedManifest extends LoadedManifest {
  readonly place: (problem: Problem) => string;
}

/**
 * Loads `<slug>.yaml`, `<slug>.yml` or `<slug>.ts`. Throws RingfenceError `manifest_invalid` whose message
 * has a line for every mistake, `file:line:col path: what is wrong; allowed: ...`; `tenant_not_found` when
 * there is no such file.
 */
export async function loadManifest(path: string): Promise<LoadedManifest> {
  const { place: _, ...manifest } = await locateManifest(path);
  return manifest;
}

/** As loadManifest, for checks across files that have to name a place. */
export async function locateManifest(path: string): Promise<LocatedManifest> {
  const shown = displayPath(path);
  if (!/\.(?:yaml|yml|ts)$/.test(path)) {
    throw invalidManifest([`${shown}: is not a manifest by its name; allowed: <slug>.yaml or <slug>.ts`]);
  }
  return resolved(path, shown, await readValue(path, shown));
}

/**
 * The manifest that a YAML text would be if it were the file at `path`, which need not be there.
 * @throws RingfenceError `manifest_invalid` as loadManifest.
 */
export function parseManifest(path: string, text: string): LoadedManifest {
  const shown = displayPath(path);
  const { place: _, ...manifest } = resolved(path, shown, parseText(text, shown));
  return manifest;
}

interface Source {
  readonly value: unknown;
  readonly locate: Locate;
}

function resolved(path: string, shown: string, { value, locate }: Source): LocatedManifest {
  const name = basename(path, extname(path));
  const place = (problem: Problem): string =>
    `${placed(shown, locate?.(problem))} ${formatPath(problem.path)}`;
  const result = checkTenant(value);
  const problems = [...(result.ok ? [] : result.problems), ...misnamed(value, name, extname(path))];
  if (!result.ok || problems.length > 0) {
    const told = inOrder(problems.slice(0, MAX_PROBLEMS), locate);
    const rest = problems.length - told.length;
    throw invalidManifest([
      ...told.map((problem) => `${place(problem)}: ${problem.message}`),
      ...(rest > 0 ? [`${shown}: ${rest} more mistakes`] : []),
    ]);
  }
  return { path, tenant: result.tenant, hash: hashTenant(result.tenant), place };
}

/** More than these at once help nobody. */
const MAX_PROBLEMS = 200;

type Locate = ((problem: Problem) => Position) | undefined;

async function readValue(path: string, shown: string): Promise<Source> {
  const text = await readSource(path);
  if (path.endsWith('.ts')) return { value: await readTypeScript(resolve(path)), locate: undefined };
  return parseText(text, shown);
}

function parseText(text: string, shown: string): Source {
  const source = parseYaml(text);
  if (source.ok) return source;
  throw invalidManifest(source.mistakes.map((at) => `${placed(shown, at)} manifest: ${at.message}`));
}

const placed = (shown: string, at: Position | undefined): string =>
  at === undefined ? `${shown}:` : `${shown}:${at.line}:${at.column}`;

/** The file is named after the slug, so that a tenant is found without opening every file. */
function misnamed(value: unknown, name: string, extension: string): Problem[] {
  const slug = value !== null && typeof value === 'object' && 'slug' in value ? value.slug : undefined;
  if (typeof slug !== 'string' || !isSlug(slug) || slug === name) return [];
  return [
    {
      path: ['slug'],
      message: `"${slug}" is not the file's name; allowed: ${slug}${extension}`,
      at: 'value',
    },
  ];
}

/** From the top of the file to its bottom; a TypeScript manifest keeps the schema's order. */
function inOrder(problems: readonly Problem[], locate: Locate): readonly Problem[] {
  if (locate === undefined) return problems;
  return problems
    .map((problem) => ({ problem, at: locate(problem) }))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .map(({ problem }) => problem);
}
