import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { tenantStack } from '../../stacks/names.js';
import type { Project } from '../project/project.js';
import { readRows } from '../project/read-rows.js';
import { stackRemains } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';

/** What the engine keeps of a tenant's stack after the stack is removed, by its places. */
interface StackRemains {
  /** In the state: its history and copies of it, and in a store of versions what they were. */
  readonly inState: readonly string[];
  /** On this machine: its settings, and that it was the selected stack of its folder. */
  readonly files: readonly string[];
}

export const remainsOfStack = async (
  { project, state }: Pick<Runtime, 'project' | 'state'>,
  slug: string,
): Promise<StackRemains> => {
  const stack = tenantStack(slug);
  return {
    inState: await stackRemains(state, stack),
    files: [
      ...[join(project.home, 'workspace', 'stacks', stack)].filter(existsSync),
      ...filesIn(join(project.home, 'pulumi', 'workspaces')).filter((path) => selects(path, stack)),
    ],
  };
};

/** Can be repeated, from any point within. @throws RingfenceError as `StateStore.erase` */
export const eraseStack = async (
  runtime: Pick<Runtime, 'project' | 'state'>,
  slug: string,
): Promise<void> => {
  const { inState, files } = await remainsOfStack(runtime, slug);
  for (const path of inState) await runtime.state.erase(path);
  removeFiles(files);
};

const filesIn = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).map((name) => join(folder, name));

const selects = (path: string, stack: string): boolean => {
  const selected = /"stack":\s*"([^"]*)"/.exec(readFileSync(path, 'utf8'))?.[1];
  return selected === stack || selected?.endsWith(`/${stack}`) === true;
};

/** The tenant's manifest under every name that Ringfence gives one: written, removed, being written. */
export const manifestFiles = (project: Project, slug: string): string[] => {
  const folder = join(project.root, 'tenants');
  const ofTenant = new RegExp(`^\\.?${slug}\\.(yaml|yml|ts)(\\.removed|(\\..*)?\\.draft)?$`);
  return filesIn(folder).filter((path) => ofTenant.test(basename(path)));
};

export const removeFiles = (paths: readonly string[]): void => {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
};

const JOBS = 'graphile_worker._private_jobs';
const hasJobs = async (client: pg.Pool | pg.PoolClient): Promise<boolean> => {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [JOBS]);
  return readRows(z.object({ there: z.boolean() }), JOBS, rows)[0]?.there === true;
};

/** Jobs of the worker that name the tenant. All go, because one may fail forever. */
export const removeJobs = async (client: pg.PoolClient, slug: string): Promise<void> => {
  if (await hasJobs(client)) await client.query(`DELETE FROM ${JOBS} WHERE payload ->> 'slug' = $1`, [slug]);
};

export const countJobs = async (control: pg.Pool, slug: string): Promise<number> => {
  if (!(await hasJobs(control))) return 0;
  const { rows } = await control.query(
    `SELECT count(*)::int AS count FROM ${JOBS} WHERE payload ->> 'slug' = $1`,
    [slug],
  );
  return readRows(z.object({ count: z.int() }), JOBS, rows)[0]?.count ?? 0;
};
