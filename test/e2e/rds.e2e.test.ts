import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { type Connection, openPool, withConnection } from '../../data-plane/database/connect.js';
import { withdraw } from '../../data-plane/enrolment/withdraw.js';
import { plantClinic, type TestClinic } from '../support/cell-database.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { INSTANCE, startRds, type TestRds } from '../support/rds/use-rds.js';

const CELL = 'clinics-rds';
const SLUG = 'con-rds';
const UP = ['cells', 'up', CELL, '--region', 'eu-central-1', '--rds'];
const program = await findMoto();

describe.skipIf(program === undefined)('A cell on Amazon RDS', () => {
  let project: CliProject;
  let postgres: ManagedPostgres;
  let rds: TestRds;
  let env: Record<string, string>;
  let database: Connection;
  let at: Date;
  let neighbour: TestClinic;

  const rows = async (): Promise<number> => {
    const found = await withConnection(database, (client) =>
      client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM clinical.invoice_lines l JOIN ringfence.clinics c ON c.id = l.clinic_id
           JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = $1`,
        [SLUG],
      ),
    );
    return found.rows[0]?.n ?? 0;
  };
  const neighbours = async (): Promise<string> => (await tenantDigest(database, neighbour.tenantId)).digest;
  /** The exit status of `tenants residency`, and the first row of each part. */
  const residency = async (asked: Record<string, string>) => {
    const { status, stdout } = await project.run(['tenants', 'residency', SLUG, '--json'], { env: asked });
    const { rows: found } = JSON.parse(stdout) as { rows: { part: string }[] };
    return { status, ...Object.fromEntries(found.reverse().map((row) => [row.part, row])) };
  };
  const restore = (more: Record<string, string> = {}) =>
    project.run(
      ['backups', 'restore', SLUG, '--to', at.toISOString(), '--table', 'clinical.invoice_lines', '-y'],
      { env: { ...env, ...more } },
    );

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    postgres = await startManagedPostgres();
    rds = await startRds(program ?? '', postgres);
    database = { ...postgres.master, database: 'ringfence' };
    project = openCliProject();
    env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: rds.endpoint };
  });
  afterAll(async () => {
    rmSync(join(project.home, 'cells', CELL), { recursive: true, force: true });
    const left = await project.purge();
    await rds.stop();
    postgres.stop();
    expect(left).toEqual([]);
  });

  it('is refused, and not kept, on an instance that is not fit', async () => {
    await rds.make('open', { PubliclyAccessible: true });
    const open = await project.run([...UP, 'open'], { env });
    expect(open.stderr).toContain('it is publicly accessible');
    expect(open.status).toBe(2);
    expect(await project.control('SELECT FROM control.cells')).toEqual([]);
    expect(filesBelow(join(project.home, 'cells'))).toEqual([]);
  });

  it('takes tenants, and shows how far back it can be restored', async () => {
    const [cell] = await project.json<{ target: string; rdsInstance: string }[]>(
      [...UP, INSTANCE, '--ca-file', postgres.caFile],
      { env },
    );
    expect(cell).toMatchObject({ target: 'aws', rdsInstance: INSTANCE, historyDays: 7 });
    project.manifest(SLUG, { cell: CELL });
    const deployed = await project.json<{ isolation: unknown }>(['tenants', 'apply', SLUG, '-y'], { env });
    expect(deployed.isolation).toMatchObject({ leaks: 0, unproven: 0 });
    expect((await project.run(['demo', 'load', SLUG, '--patients', '20'], { env })).status).toBe(0);
    const pool = openPool(database, { max: 1, name: 'test' });
    neighbour = await plantClinic(pool, 'vecina');
    await pool.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) SELECT $1, 'x' || n, 5 FROM generate_series(1, 9) n`,
      [neighbour.clinicId],
    );
    await pool.end();
    const status = await project.json<{ state: string; history: { from: string } }>(
      ['cells', 'status', CELL],
      { env },
    );
    expect(status.state).toBe('running');
    expect(Date.parse(status.history.from)).toBeLessThan(Date.now());
    const arn = expect.stringContaining('arn:aws:rds:eu-central-1:');
    const inside = { cell: CELL, region: 'eu-central-1', verdict: 'inside', evidence: arn };
    expect(await residency(env)).toMatchObject({
      status: 1,
      database: inside,
      replicas: { verdict: 'none' },
      history: inside,
      logs: inside,
      // The keyring is on this machine.
      keys: { region: null, declared: 'eu-central-1', verdict: 'cannot-tell' },
    });
  });

  it('gives back what a tenant had at a second, also after a run that was killed over its copy', async () => {
    at = new Date(Math.ceil((Date.now() + 10) / 1000) * 1000);
    await pause(at.getTime() - Date.now() + 20);
    const before = await rows();
    expect(before).toBeGreaterThan(0);
    await withConnection(database, (client) => client.query('DELETE FROM clinical.invoice_lines'));
    const untouched = await neighbours();

    expect((await restore({ RINGFENCE_CRASH_AT: 'copy-recovered' })).signal).toBe('SIGKILL');
    expect(rds.copy()).toBe(`${INSTANCE}-ringfence-restore`);
    expect(await rows()).toBe(0);

    const { status, stderr } = await restore();
    expect(stderr).toContain(`RDS makes ${INSTANCE}-ringfence-restore`);
    expect(status).toBe(0);
    expect(await rows()).toBe(before);
    expect(await neighbours()).toBe(untouched);
    expect(rds.copy()).toBeUndefined();
  });

  it('changes nothing while AWS is away', async () => {
    const away = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const { status, stderr } = await restore(away);
    expect(stderr).toContain('AWS does not answer');
    expect(status).toBe(4);
    expect(await project.json(['cells', 'list'], { env: away })).toMatchObject([{ state: 'unreachable' }]);
    const look = ['cells', 'status', CELL];
    const unknown = { database: null, history: null, host: null };
    expect(await project.json(look, { env: away })).toMatchObject({
      ...unknown,
      state: 'unreachable',
      problems: [`instance ${INSTANCE} is unreachable`],
    });
    const silence = { region: null, declared: 'eu-central-1', verdict: 'cannot-tell' };
    expect(await residency(away)).toMatchObject({ status: 1, database: silence, history: silence });
    await project.control(`UPDATE control.cells SET address = '{"rdsInstance": "gone"}'`);
    expect(await project.json(look, { env })).toMatchObject({
      ...unknown,
      state: 'absent',
      problems: ['instance gone is absent'],
    });
    await project.control('UPDATE control.cells SET address = $1', [{ rdsInstance: INSTANCE }]);
  });

  it('keeps the master password nowhere, follows it when it changes, and leaves nothing when it is removed', async () => {
    const search = (text: string) =>
      execFileSync('sh', ['-c', 'grep -rlF -e "$0" "$1" || true', text, project.home]).toString();
    expect(search(postgres.master.password)).toBe('');
    const changed = 'rotated, and of 24 letters';
    await withConnection(postgres.master, (client) =>
      client.query(`ALTER ROLE ${postgres.master.user} PASSWORD '${changed}'`),
    );
    await rds.keepPassword(changed);
    database = { ...database, password: changed };
    const named = ['--confirm', SLUG, '--wait-days', '0'];
    const erase = ['tenants', 'erase', SLUG, '--reason', 'the contract has ended', ...named];
    expect(await project.run(erase, { env })).toMatchObject({ status: 0 });
    expect((await project.run(['cells', 'down', '--purge', '-y'])).stderr).toContain(
      `cells down ${CELL} --purge`,
    );
    const purge = ['cells', 'down', CELL, '--purge', '-y'];
    const refused = await project.run(purge, { env });
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('1 tenants: vecina')]);
    await withConnection(database, (client) => withdraw(client, neighbour.tenantId));
    const purged = await project.run(purge, { env });
    expect([purged.status, purged.stderr]).toEqual([0, expect.any(String)]);
    const left = await withConnection({ ...database, database: 'postgres' }, (client) =>
      client.query(
        `SELECT datname AS name FROM pg_database WHERE datname = 'ringfence' UNION ALL SELECT rolname FROM pg_roles WHERE rolname ~ '^(ringfence_(owner|gate|tenant|app)|rf_t_)'`,
      ),
    );
    expect(left.rows).toEqual([]);
  });
});
