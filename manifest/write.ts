import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RingfenceError } from '../core/errors.js';
import { createFile } from '../core/files/whole-file.js';
import { hashTenant } from './hash.js';
import { checkTenant, parseTenant } from './parse.js';
import { displayPath } from './read-source.js';
import type { Tenant, TenantInput } from './tenant.js';

const SCHEMA_FILE = 'tenant.schema.json';

/**
 * Writes `<slug>.yaml` with what differs from the defaults, and returns its path. The file appears whole or
 * not at all. An existing manifest is never overwritten: with the same text it is left as it is, otherwise
 * the error is `conflict`. Also throws `manifest_invalid`, `disk_full` and `permission_denied`.
 */
export async function writeManifest(dir: string, input: TenantInput): Promise<string> {
  const tenant = parseTenant(input);
  const path = join(dir, `${tenant.slug}.yaml`);
  for (const extension of ['yml', 'ts']) {
    if (await exists(join(dir, `${tenant.slug}.${extension}`)))
      throw taken(join(dir, `${tenant.slug}.${extension}`));
  }
  const text = render(tenant, await exists(join(dir, SCHEMA_FILE)));
  if (!create(path, text) && (await readFile(path, 'utf8').catch(() => undefined)) !== text)
    throw taken(path);
  return path;
}

function create(path: string, text: string): boolean {
  try {
    return createFile(path, text, { mode: 0o644, durable: true });
  } catch (error) {
    throw translate(error, path);
  }
}

function render(tenant: Tenant, hasSchema: boolean): string {
  const head = [
    ...(hasSchema ? [`# yaml-language-server: $schema=./${SCHEMA_FILE}`] : []),
    `# ${tenant.legalName}`,
    '# Whatever is not named here has its default: see docs/manifest.md.',
  ];
  return `${head.join('\n')}\n${stringify(minimise(tenant), { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const taken = (path: string): RingfenceError =>
  new RingfenceError('conflict', `${displayPath(path)}: a manifest of this tenant exists already`, {
    fix: 'edit that file, or choose another slug',
  });

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function translate(error: unknown, path: string): unknown {
  const shown = displayPath(path);
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RingfenceError('disk_full', `${shown}: the disk is full; nothing was written`, {
        fix: 'make room and run the command again',
        cause: error,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new RingfenceError('tenant_not_found', `${shown}: there is no such folder`, {
        fix: 'run in the project, or say where it is with -C',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RingfenceError('permission_denied', `${shown}: may not be written`, {
        fix: 'let this user write to the folder',
        cause: error,
      });
    default:
      return error;
  }
}

type Group = Record<string, unknown>;

/** The least input that resolves to the same tenant: a key goes when the tenant is the same without it. */
function minimise(tenant: Tenant): Group {
  const hash = hashTenant(tenant);
  const draft: Group = structuredClone({ ...tenant });
  const same = (): boolean => {
    const result = checkTenant(draft);
    return result.ok && hashTenant(result.tenant) === hash;
  };
  prune(draft, same);
  return draft;
}

/** Whole groups go first, then what is inside the groups and clinics that stay. */
function prune(group: Group, same: () => boolean): void {
  for (const key of Object.keys(group)) {
    const value = group[key];
    const order = Object.entries(group);
    delete group[key];
    if (same()) continue;
    for (const [name, kept] of order) {
      delete group[name];
      group[name] = kept;
    }
    if (key === 'clinics' && Array.isArray(value))
      for (const clinic of value.filter(isGroup)) prune(clinic, same);
    else if (isGroup(value)) prune(value, same);
  }
}

const isGroup = (value: unknown): value is Group =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
