import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { tenantStack } from '../../stacks/names.js';
import { stackFolders } from '../engine/run/engine-state.js';
import { type Project, stateDir } from '../project/project.js';
import { readRows } from '../project/read-rows.js';

/**
 * Files of a tenant's stack that the engine keeps after the stack is removed: its history, its copies of the state, and
 * that it was the selected stack of its folder.
 */
export const stackFiles = (project: Project, slug: string): string[] => {
  const stack = tenantStack(slug);
  const { stacks, ...ofStack } = stackFolders(stateDir(project), stack);
  const folders = [stacks, ...Object.values(ofStack).map((folder) => dirname(folder))];
  return [
    ...folders.flatMap((folder) =>
      filesIn(folder).filter((path) => {
        const name = basename(path);
        return name === stack || name.startsWith(`${stack}.json`);
      }),
    ),
    ...[join(project.home, 'workspace', 'stacks', stack)].filter(existsSync),
    ...filesIn(join(project.home, 'pulumi', 'workspaces')).filter((path) => selects(path, stack)),
  ];
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
