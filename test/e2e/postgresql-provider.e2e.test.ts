import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { type StoredResource, storedResources } from './postgresql-provider/stored-resources.js';

const CELL = 'clinics';
const STACK = `cell.${CELL}`;
const UP = ['cells', 'up', CELL, '--region', 'eu-central-1', '--yes'];
/** What the plugin 3.18.1 stored for the cell of this test (docs/postgresql-provider.md). */
const RECORDED: StoredResource[] = JSON.parse(
  readFileSync(new URL('./postgresql-provider/recorded.json', import.meta.url), 'utf8'),
);
const REFRESH = ['up', '--refresh', '--yes'];
const RESOURCES = /Resources:\n((?: {4}.*\n)*)/g;
const UNCHANGED = '    15 unchanged\n';
/** The binary of the real plugin. */
const plugin = process.env.RINGFENCE_POSTGRESQL_PLUGIN;
if (!plugin) {
  process.stdout.write(
    'the plugin of @pulumi/postgresql itself was not compared: RINGFENCE_POSTGRESQL_PLUGIN is not set\n',
  );
}

/** By hand, and against what the resources promise. */
const BY_HAND = [
  'GRANT ringfence_gate TO ringfence_tenant WITH ADMIN OPTION',
  `ALTER ROLE ringfence_tenant BYPASSRLS CREATEROLE CREATEDB REPLICATION INHERIT LOGIN CONNECTION LIMIT 7 VALID UNTIL '2031-01-01'`,
  'ALTER ROLE ringfence_app RESET idle_in_transaction_session_timeout',
  'ALTER ROLE ringfence_owner SET search_path TO public, "Odd"',
  'ALTER ROLE ringfence_owner SET statement_timeout TO 5000',
  'ALTER ROLE ringfence_gate SET role TO ringfence_owner',
  'ALTER DATABASE ringfence OWNER TO ringfence_owner',
  'ALTER DATABASE ringfence IS_TEMPLATE true CONNECTION LIMIT 50',
  'GRANT CREATE ON DATABASE ringfence TO ringfence_tenant',
  'REVOKE CONNECT ON DATABASE ringfence FROM ringfence_app',
];

/** What the roles and the database are in the catalogue. */
const CATALOGUE = `
  SELECT rolname::text AS name, to_jsonb(r) - 'oid' || jsonb_build_object(
           'rolvaliduntil', coalesce(rolvaliduntil, 'infinity'),
           'rolconfig', ARRAY(SELECT s FROM unnest(rolconfig) s ORDER BY 1)) AS is,
         ARRAY(SELECT (roleid::regrole, admin_option)::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS of
    FROM pg_roles r WHERE rolname LIKE 'ringfence\\_%'
  UNION ALL
  SELECT datname, jsonb_build_array(datdba::regrole, datistemplate, datallowconn, datconnlimit),
         ARRAY(SELECT a::text FROM unnest(datacl) a ORDER BY 1)
    FROM pg_database WHERE datname = 'ringfence' ORDER BY 1`;

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('the resources of @pulumi/postgresql', () => {
  const projects: CliProject[] = [];
  afterAll(async () => {
    for (const project of projects) expect(await project.purge()).toEqual([]);
  });

  /** A project with one cell. @param env where the engine finds the provider */
  const openCell = async (env: Record<string, string>) => {
    const project = openCliProject();
    projects.push(project);
    const run = async (args: readonly string[], by = env): Promise<string> => {
      const { status, stdout, stderr } = await project.run(args, { env: by });
      expect([args, status, status === 0 ? '' : stderr]).toEqual([args, 0, '']);
      return stdout + stderr;
    };
    await run(UP);
    return {
      catalogue: () => project.cell(CELL, CATALOGUE),
      byHand: async () => {
        for (const statement of BY_HAND) await project.cell(CELL, statement);
      },
      stored: async () =>
        storedResources(await run(['pulumi', '--', 'stack', 'export', '--show-secrets', '-s', STACK])),
      cellsUp: (by = env) => run(UP, by),
      /** What the engine says at its end that it changed, or would change. */
      engine: async (operation: readonly string[], by = env) =>
        [...(await run(['pulumi', '--', ...operation, '-s', STACK], by)).matchAll(RESOURCES)].at(-1)?.[1],
    };
  };
  type Cell = Awaited<ReturnType<typeof openCell>>;

  const keepsItsPromises = (cell: () => Cell) => {
    test('are stored as the plugin stored them', async () => {
      expect(await cell().stored()).toEqual(RECORDED);
    });

    test('are left alone by a second run, which stores the same', async () => {
      await cell().cellsUp();
      expect(await cell().engine(REFRESH)).toBe(UNCHANGED);
      expect(await cell().stored()).toEqual(RECORDED);
    });

    test('are brought back when somebody changed them by hand, once', async () => {
      const before = await cell().catalogue();
      await cell().byHand();
      expect(await cell().catalogue()).not.toEqual(before);
      expect(await cell().engine(REFRESH)).toBe('    ~ 8 updated\n    7 unchanged\n');
      expect(await cell().catalogue()).toEqual(before);
      expect(await cell().engine(REFRESH)).toBe(UNCHANGED);
      expect(await cell().stored()).toEqual(RECORDED);
    });
  };

  let own: Cell;
  describe('by the stand-in', () => {
    beforeAll(async () => {
      own = await openCell({});
    });
    keepsItsPromises(() => own);
  });

  describe.skipIf(!plugin)('by the plugin', () => {
    let real: Cell;
    let env: Record<string, string>;
    beforeAll(async () => {
      const project = openCliProject();
      projects.push(project);
      const folder = join(project.root, 'plugin');
      mkdirSync(folder);
      symlinkSync(plugin ?? '', join(folder, 'pulumi-resource-postgresql'));
      env = { PATH: `${folder}:${process.env.PATH}` };
      real = await openCell(env);
    });
    keepsItsPromises(() => real);

    test('do not change when the other one goes on with them, either way', async () => {
      for (const [cell, by] of [
        [own, env],
        [real, { PATH: process.env.PATH ?? '' }],
      ] as const) {
        expect(await cell.engine(['preview'], by)).toBe(UNCHANGED);
        expect(await cell.engine(REFRESH, by)).toBe(UNCHANGED);
        await cell.cellsUp(by);
        expect(await cell.stored()).toEqual(RECORDED);
      }
    });
  });
});
