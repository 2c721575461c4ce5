import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliProject, filesBelow, names } from '../support/cli.js';

interface Tenant {
  id: string;
  slug: string;
  cell: string;
  state: string;
}

/** The resources of a tenant's stack, each once. */
const TENANT_RESOURCES = [
  'ringfence:index:BackupSchedule',
  'ringfence:index:TenantEnrolment',
  'ringfence:index:TenantKey',
  'ringfence:index:TenantQuota',
];

/**
 * What a project holds that a project of exactly these active tenants would not: doubles, orphans, locks, half-done
 * work. Empty when the project is whole (docs/threats.md 32).
 */
export const leftovers = async (project: CliProject, slugs: readonly string[]): Promise<string[]> => {
  const tenants = await project.control<Tenant>('SELECT id, slug, cell, state FROM control.tenants');
  const wanted = tenants.filter(({ slug }) => slugs.includes(slug));
  const found = [
    ...difference(
      'tenants',
      slugs,
      wanted.map(({ slug }) => slug),
    ),
    ...wanted.filter(({ state }) => state !== 'active').map(({ slug, state }) => `${slug} is ${state}`),
    ...(await control(project, tenants)),
    ...(await objects(project)),
    ...engineState(project, wanted),
    ...drafts(project),
  ];
  for (const cell of new Set(tenants.map((tenant) => tenant.cell)))
    found.push(...(await inCell(project, cell, wanted)));
  return found;
};

const control = async (project: CliProject, tenants: readonly Tenant[]): Promise<string[]> => {
  const keys = await project.control<{ tenant_id: string }>('SELECT tenant_id FROM control.tenant_keys');
  const running = await project.control<{ what: string }>(
    `SELECT 'operation ' || kind || ' of ' || slug AS what FROM control.operations WHERE state = 'running'
     UNION ALL SELECT 'backup ' || id FROM control.backups WHERE state = 'running'`,
  );
  return [
    ...difference(
      'keys',
      tenants.map(({ id }) => id),
      keys.map((key) => key.tenant_id),
    ),
    ...running.map(({ what }) => `${what} is running`),
  ];
};

/** Every object has its record and every record of a good backup, and of a key, its object. The control database's own are others'. */
const objects = async (project: CliProject): Promise<string[]> => {
  const good = await project.control<{ path: string }>(
    `SELECT cell || '/' || object_key AS path FROM control.backups
      WHERE state IN ('stored', 'verified') OR id IN (SELECT base_id FROM control.backup_bases)
     UNION ALL SELECT t.cell || '/' || t.id || '/keys/' || k.version || '.json'
       FROM control.tenant_keys k JOIN control.tenants t ON t.id = k.tenant_id WHERE k.wrapped IS NOT NULL`,
  );
  const folder = join(project.home, 'objects');
  const stored = filesBelow(folder)
    .map((file) => file.slice(folder.length + 1))
    .filter((file) => !file.startsWith('control/'));
  return difference(
    'objects',
    good.map(({ path }) => path),
    stored,
  );
};

const inCell = async (project: CliProject, cell: string, tenants: readonly Tenant[]): Promise<string[]> => {
  const mine = tenants.filter((tenant) => tenant.cell === cell);
  const roles = await project.cell<{ name: string }>(
    cell,
    `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'rf\\_t\\_%'`,
  );
  const enrolled = await project.cell<{ id: string }>(cell, 'SELECT id FROM ringfence.tenants');
  const prepared = await project.cell<{ gid: string }>(cell, 'SELECT gid FROM pg_prepared_xacts');
  return [
    ...roles.map(({ name }) => `roles in ${cell}: ${name} is too many`),
    ...difference(
      `tenants in ${cell}`,
      mine.map(({ id }) => id),
      enrolled.map(({ id }) => id),
    ),
    ...prepared.map(({ gid }) => `prepared transaction ${gid}`),
  ];
};

const engineState = (project: CliProject, tenants: readonly Tenant[]): string[] => {
  const state = join(project.home, 'state', '.pulumi');
  const stacks = names(join(state, 'stacks', 'ringfence')).filter((name) => /\.json$/.test(name));
  const wanted = tenants.map(({ slug }) => `tenant.${slug}.json`);
  return [
    ...filesBelow(join(state, 'locks')).map((file) => `lock ${file}`),
    ...difference(
      'stacks',
      wanted,
      stacks.filter((name) => name.startsWith('tenant.')),
    ),
    ...stacks.flatMap((name) => {
      const { latest } = JSON.parse(readFileSync(join(state, 'stacks', 'ringfence', name), 'utf8'))
        .checkpoint as {
        latest?: { pending_operations?: unknown[]; resources?: { type: string; delete?: boolean }[] };
      };
      const types = (latest?.resources ?? [])
        .map(({ type }) => type)
        .filter((type) => !type.startsWith('pulumi:'));
      return [
        ...(latest?.pending_operations?.length ? [`pending operations in ${name}`] : []),
        ...(latest?.resources ?? [])
          .filter((one) => one.delete)
          .map(({ type }) => `${type} to delete in ${name}`),
        ...(wanted.includes(name) ? difference(`resources of ${name}`, TENANT_RESOURCES, types) : []),
      ];
    }),
  ];
};

/** Files that a killed run was writing or gave its engine, and folders that an initdb was filling. */
const drafts = (project: CliProject): string[] => {
  const servers = project.servers().flatMap(({ dataDir }) => names(join(dataDir, '..')));
  const files = filesBelow(project.home).filter((file) => !/\/(data|engine)\//.test(file));
  return [...servers, ...files]
    .filter((name) => /draft|\.tmp$|password-|pgpass\./.test(name))
    .map((name) => `draft ${name}`);
};

const difference = (what: string, wanted: readonly string[], found: readonly string[]): string[] => {
  const left = [...found];
  const missing = wanted.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((one) => `${what}: ${one} is missing`),
    ...left.map((one) => `${what}: ${one} is too many`),
  ];
};
