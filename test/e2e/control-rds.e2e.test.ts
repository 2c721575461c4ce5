import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '../../data-plane/database/connect.js';
import { type CliProject, filesBelow, openCliProject } from '../support/cli.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { INSTANCE, startRds, type TestRds } from '../support/rds/use-rds.js';

const REGION = 'eu-central-1';
const URL = `rds://${REGION}/${INSTANCE}`;
const UP = ['control', 'up', '--rds', INSTANCE, '--region', REGION];
const program = await findMoto();

describe.skipIf(program === undefined)(
  'A control database on an instance of Amazon RDS that is there',
  () => {
    let project: CliProject;
    let postgres: ManagedPostgres;
    let rds: TestRds;
    let env: Record<string, string>;
    const addressFile = () => join(project.home, 'control-database.json');
    const refused = async (args: readonly string[], more: Record<string, string> = {}) =>
      (await project.run(args, { env: { ...env, ...more } })).stderr;
    const ask = async (sql: string) =>
      withConnection(
        { ...postgres.master, database: 'control' },
        async (client) => (await client.query(sql)).rows,
      );

    beforeAll(async () => {
      postgres = await startManagedPostgres();
      rds = await startRds(program ?? '', postgres);
      project = openCliProject();
      env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: rds.endpoint };
    });
    afterAll(async () => {
      rmSync(addressFile(), { force: true });
      const left = await project.purge();
      await rds.stop();
      postgres.stop();
      expect(left).toEqual([]);
    });

    it('gets all that the one of the machine had, and no secret comes into the folder', async () => {
      expect(await refused(['control', 'up', '--region', REGION])).toContain(
        'needs a region, and --aws or --rds',
      );
      expect(await refused(['cells', 'list'], { RINGFENCE_CONTROL: 'postgres://a:b@c/d' })).toContain(
        'is not the place of a control database',
      );
      const untrusted = await project.run(UP, { env });
      expect([untrusted.status, untrusted.stderr]).toEqual([3, expect.stringContaining('--ca-file')]);
      expect(existsSync(addressFile())).toBe(false);
      const up = [...UP, '--ca-file', postgres.caFile];
      expect(await project.json(up, { env })).toMatchObject({
        url: URL,
        historyDays: 7,
        carriedRows: expect.any(Number),
      });
      expect(await ask('SELECT history_days FROM control.project')).toEqual([{ history_days: 7 }]);
      expect(project.servers().find(({ name }) => name === 'control')?.pid).toBeUndefined();
      for (const file of filesBelow(project.home))
        expect(readFileSync(file, 'latin1')).not.toContain(postgres.master.password);
      expect(await project.json(up, { env })).toMatchObject({ carriedRows: null, kept: [] });
      const abroad = ['control', 'up', '--rds', INSTANCE, '--region', 'eu-west-1'];
      expect(await refused(abroad)).toContain(`is ${URL} already`);
    });

    it('is what commands work with, and RDS keeps its backups', async () => {
      expect(await project.json(['control', 'status'], { env })).toMatchObject({
        ...{ url: URL, historyDays: 7, overdue: false, isBehind: false, lastBaseAt: null },
        restorableFrom: expect.stringMatching(/^20/),
      });
      expect(await refused(['control', 'rehearse'])).toContain('whose backups RDS keeps');
      expect(await refused(['cells', 'down', '--purge', '-y'])).toContain('ringfence control down');
      const { checks } = JSON.parse((await project.run(['doctor', '--json'], { env })).stdout) as {
        checks: { name: string; status: string; detail: string }[];
      };
      expect(checks.find(({ name }) => name === 'control')).toMatchObject({
        ...{ status: 'ok', detail: expect.stringContaining(URL) },
      });
      rds.wrong = { refused: 'DescribeDBInstances' };
      expect(await refused(['cells', 'list'])).toContain('AWS refuses the request of this role');
      rds.reset();
    });

    it('is found by a worker in an empty folder, by its place alone, and never begun anew', async () => {
      const elsewhere = openCliProject();
      try {
        mkdirSync(join(elsewhere.home, 'control'), { recursive: true });
        writeFileSync(join(elsewhere.home, 'control', 'authorities.pem'), readFileSync(postgres.caFile));
        const there = { ...env, RINGFENCE_CONTROL: URL };
        const worker = elsewhere.start(['worker'], { env: there });
        await worker.said('working');
        await expect
          .poll(() => ask('SELECT FROM control.workers WHERE control.is_at_work(id)'))
          .toHaveLength(1);
        worker.kill('SIGTERM');
        expect((await worker.result).status).toBe(0);
        const other = { ...there, RINGFENCE_CONTROL: `rds://${REGION}/another` };
        expect((await elsewhere.run(['cells', 'list'], { env: other })).stderr).toContain(
          `the control database of this folder is ${URL}`,
        );
        await withConnection(postgres.master, (client) =>
          client.query('ALTER DATABASE control RENAME TO control_before'),
        );
        const lost = await elsewhere.run(['cells', 'list'], { env: there });
        expect([lost.status, lost.stderr]).toEqual([4, expect.stringContaining('has no control database')]);
        await withConnection(postgres.master, (client) =>
          client.query('ALTER DATABASE control_before RENAME TO control'),
        );
      } finally {
        rmSync(elsewhere.root, { recursive: true, force: true });
      }
    });

    it('is taken out of the instance when there is no cell', async () => {
      const down = await project.run(['control', 'down', '-y'], { env });
      expect([down.status, down.stdout, existsSync(addressFile())]).toEqual([
        0,
        `removed: ${INSTANCE}\n`,
        false,
      ]);
      await expect(ask('SELECT')).rejects.toMatchObject({ cause: { code: '3D000' } });
    });
  },
);
