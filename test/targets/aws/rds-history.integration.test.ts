import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TenantDigest, tenantDigest } from '../../../data-plane/backup/tenant/digest.js';
import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import { takeBackup } from '../../../data-plane/backup/tenant/take.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { masterPassword } from '../../../targets/aws/host.js';
import { openRds } from '../../../targets/aws/rds/api.js';
import { DATABASE_OF_CELL } from '../../../targets/aws/rds/held-database.js';
import { rdsHistory } from '../../../targets/aws/rds/history.js';
import { requireSuitable } from '../../../targets/aws/rds/instance.js';
import { damage } from '../../data-plane/backup/tenant/damage.js';
import { backupOptions, plantRows, useStore } from '../../data-plane/backup/tenant/fixture.js';
import { appOf } from '../../support/archiving-cell.js';
import { plantClinic, type TestClinic } from '../../support/cell-database.js';
import { type ManagedCell, startManagedCell } from '../../support/rds/managed-cell.js';
import { findMoto } from '../../support/rds/moto.js';
import { INSTANCE, startRds, type TestRds } from '../../support/rds/use-rds.js';

const COPY = `${INSTANCE}-ringfence-restore`;
const LOOK_MS = 20;

const program = await findMoto();

describe.skipIf(program === undefined)('the history of a cell on Amazon RDS', async () => {
  const store = await useStore();
  let cell: ManagedCell;
  let rds: TestRds;
  let clinic: TestClinic;
  let neighbour: TestClinic;
  /** A whole second, with the tenant's digest in it. */
  let moment: { at: Date; digest: TenantDigest };

  beforeAll(async () => {
    cell = await startManagedCell();
    rds = await startRds(program ?? '', cell.postgres);
    clinic = await plantClinic(cell.admin, 'wronged');
    neighbour = await plantClinic(cell.admin, 'neighbour');
    for (const planted of [clinic, neighbour]) await plantRows(cell, planted);
    moment = { at: await wholeSecond(), digest: await digestOf(clinic) };
    await damage(cell.admin, clinic.clinicId, 'deleteOldestVisits');
    await damage(cell.admin, clinic.clinicId, 'changePatients');
    await damage(cell.admin, neighbour.clinicId, 'changePatients', 4);
  });
  afterEach(() => rds.reset());
  afterAll(async () => {
    await rds?.stop();
    await cell?.stop();
  });

  const history = (options: { reached?: (point: string) => void; skippingMs?: number } = {}) => {
    let skippedMs = 0;
    return rdsHistory({
      rds: openRds(rds.clients),
      instance: INSTANCE,
      holds: DATABASE_OF_CELL,
      connect: async () => cell.connection,
      reached: options.reached ?? (() => undefined),
      now: () => new Date(Date.now() + skippedMs),
      // Hours pass in a moment where nothing but the clock is waited for.
      pause: async (_, signal) => {
        skippedMs += options.skippingMs ?? 0;
        await pause(LOOK_MS, undefined, signal ? { signal } : {}).catch(() => {
          throw signal?.reason;
        });
      },
    });
  };
  const digestOf = ({ tenantId }: TestClinic) => tenantDigest(cell.connection, tenantId);
  const instances = async (): Promise<boolean> => (await openRds(rds.clients).find(COPY)) !== undefined;
  const look = (at = moment.at) => history().inCopyAt(at, (admin) => tenantDigest(admin, clinic.tenantId));

  test('a tenant comes back as it was, out of a copy that is deleted, and its neighbour is not touched', async () => {
    const untouched = await digestOf(neighbour);
    const options = backupOptions(cell, store, clinic);
    const taken = await history().inCopyAt(moment.at, (admin) => {
      expect(rds.copy()).toBe(COPY);
      expect(admin.port).not.toBe(cell.connection.port);
      expect(admin.ssl).toEqual(cell.connection.ssl);
      return takeBackup({ ...options, admin, app: appOf(admin) });
    });
    expect(taken.digest).toBe(moment.digest.digest);
    await restoreBackup({ ...options, dryRun: false });
    const visits = ({ tables }: TenantDigest) => tables.find(({ table }) => table === 'clinical.visits');
    expect(visits(await digestOf(clinic))).toEqual(visits(moment.digest));
    expect((await digestOf(neighbour)).digest).toBe(untouched.digest);
    expect(rds.copy()).toBeUndefined();
    expect(await instances()).toBe(false);
  });

  test('the copy is asked for in the original’s network, private and without protection', async () => {
    let made: Record<string, unknown> = {};
    await history().inCopyAt(moment.at, async () => {
      const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
      const client = await rds.clients.rds();
      const find = async (id: string) =>
        (await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0];
      const [original, copy] = [await find(INSTANCE), await find(COPY)];
      expect(copy?.VpcSecurityGroups).toEqual(original?.VpcSecurityGroups);
      expect(copy?.DBParameterGroups).toEqual(original?.DBParameterGroups);
      made = { ...copy };
    });
    expect(made).toMatchObject({
      PubliclyAccessible: false,
      DeletionProtection: false,
      StorageEncrypted: true,
      TagList: [{ Key: 'ringfence:copy-of', Value: INSTANCE }],
    });
  });

  test('what fails in the copy, or while RDS makes it, leaves none', async () => {
    const failing = history().inCopyAt(moment.at, async () => {
      throw new Error('the work failed');
    });
    await expect(failing).rejects.toThrow('the work failed');
    expect(await instances()).toBe(false);

    rds.wrong = { copyStatus: 'incompatible-network' };
    await expect(look()).rejects.toMatchObject({
      code: 'rds_unavailable',
      message: `RDS could not restore ${COPY}: incompatible-network`,
    });
    rds.wrong = { copyStatus: 'creating' };
    await expect(
      history({ skippingMs: 3_600_000 }).inCopyAt(moment.at, async () => undefined),
    ).rejects.toMatchObject({ code: 'timeout' });
    expect(await instances()).toBe(false);
  });

  test('a deletion that RDS puts off is asked for again', async () => {
    rds.wrong = { busyDeletions: 3 };
    await look();
    expect(rds.actions.filter((action) => action === 'DeleteDBInstance')).toHaveLength(4);
    expect(await instances()).toBe(false);
  });

  test('a copy that cannot be deleted is named, and the next call deletes it', async () => {
    rds.wrong = { refused: 'DeleteDBInstance' };
    await expect(look()).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('the copy could not be deleted'),
      fix: expect.stringContaining('ringfence:copy-of'),
    });
    expect(await instances()).toBe(true);
    rds.reset();
    expect((await look()).digest).toBe(moment.digest.digest);
    expect(rds.actions.filter((action) => action === 'DeleteDBInstance')).toHaveLength(2);
    expect(await instances()).toBe(false);
  });

  test('a copy that cannot be deleted goes with the next upkeep, if nobody looks back before', async () => {
    rds.wrong = { refused: 'DeleteDBInstance' };
    await expect(look()).rejects.toMatchObject({ code: 'permission_denied' });
    rds.reset();
    await history().upkeep(7);
    expect(await instances()).toBe(false);
  });

  test('Ctrl-C ends the work with `cancelled` when the copy is deleted, and is the process’s own afterwards', async () => {
    const own = process.listeners('SIGINT');
    const cancelled = history().inCopyAt(moment.at, async () => {
      process.emit('SIGINT');
      await pause(60_000, undefined, { ref: false });
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(await instances()).toBe(false);
    expect(process.listeners('SIGINT')).toEqual(own);
  });

  test('an instance of that name that is not ours is never deleted', async () => {
    await rds.make(COPY);
    try {
      await expect(look()).rejects.toMatchObject({ code: 'conflict' });
      expect(rds.actions).not.toContain('DeleteDBInstance');
      expect(await instances()).toBe(true);
    } finally {
      await openRds(rds.clients).remove(COPY);
    }
  });

  test('a master password that was changed since then is set in the copy, not in the cell', async () => {
    const changed = 'changed, and of 24 letters';
    const owner = cell.postgres.master.user;
    await cell.admin.query(`ALTER ROLE ${owner} PASSWORD '${changed}'`);
    try {
      const found = await rdsHistory({
        rds: openRds(rds.clients),
        instance: INSTANCE,
        holds: DATABASE_OF_CELL,
        connect: async () => ({ ...cell.connection, password: changed }),
        reached: () => undefined,
        pause: () => pause(LOOK_MS),
      }).inCopyAt(moment.at, (admin) => {
        expect([changed, cell.connection.password]).not.toContain(admin.password);
        return tenantDigest(admin, clinic.tenantId);
      });
      expect(found.digest).toBe(moment.digest.digest);
      await withConnection({ ...cell.connection, password: changed }, (client) => client.query('SELECT'));
    } finally {
      await cell.admin.query(`ALTER ROLE ${owner} PASSWORD '${cell.connection.password}'`);
    }
  });

  test('no copy is made while a subscription of the original waits for changes, or when it cannot be reached', async () => {
    const [make, drop] = [
      [
        `CREATE SUBSCRIPTION moved CONNECTION 'host=127.0.0.1 port=9 dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'moved')`,
        'ALTER SUBSCRIPTION moved ENABLE',
      ],
      [
        'ALTER SUBSCRIPTION moved DISABLE',
        'ALTER SUBSCRIPTION moved SET (slot_name = NONE)',
        'DROP SUBSCRIPTION moved',
      ],
    ];
    const asProvider = (statements: string[]) =>
      cell.postgres.asProvider((provider) =>
        withConnection({ ...provider, database: cell.connection.database }, async (client) => {
          for (const statement of statements) await client.query(statement);
        }),
      );
    await asProvider(make);
    try {
      await expect(look()).rejects.toMatchObject({
        code: 'conflict',
        fix: expect.stringContaining('DISABLE'),
      });
    } finally {
      await asProvider(drop);
    }
    const away = rdsHistory({
      rds: openRds(rds.clients),
      instance: INSTANCE,
      holds: DATABASE_OF_CELL,
      connect: async () => ({ ...cell.connection, port: 9 }),
      reached: () => undefined,
    });
    await expect(away.inCopyAt(moment.at, async () => undefined)).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    expect(rds.actions).not.toContain('RestoreDBInstanceToPointInTime');
  });

  test('a copy of a later moment is refused', async () => {
    rds.wrong = { laterMs: 1_000 };
    await expect(look()).rejects.toMatchObject({ code: 'backup_refused' });
    expect(await instances()).toBe(false);
  });

  test('the window is RDS’s own, and times out of it are refused with it', async () => {
    rds.wrong = { lagMs: 300_000 };
    const window = await history().window();
    const range = expect.stringContaining(`any second from ${window?.from.toISOString()} to`);
    await expect(look()).rejects.toMatchObject({ code: 'backup_not_found', fix: range });
    rds.reset();
    const early = new Date((window?.from.getTime() ?? 0) - 1_000);
    await expect(look(early)).rejects.toMatchObject({ code: 'backup_not_found', fix: range });
    const later = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    await expect(look(later)).rejects.toMatchObject({ code: 'usage', fix: range });
    const fraction = new Date(moment.at.getTime() + 1);
    await expect(look(fraction)).rejects.toMatchObject({ code: 'usage' });
    expect(rds.actions).not.toContain('RestoreDBInstanceToPointInTime');
  });

  test('the upkeep is RDS’s: fewer days than wanted are an error that says what to do', async () => {
    expect(await history().upkeep(7)).toEqual({ base: null, removedBases: 0, removedSegments: 0 });
    await expect(history().upkeep(8)).rejects.toMatchObject({
      code: 'config_invalid',
      fix: expect.stringContaining('8 days or more'),
    });
    // Erasure and keys wait for the longer of the two.
    expect([await history().keptDays(3), await history().keptDays(9)]).toEqual([7, 9]);
  });

  test('AWS that refuses or is away is named, with what to do', async () => {
    rds.wrong = { refused: 'RestoreDBInstanceToPointInTime' };
    await expect(look()).rejects.toMatchObject({
      code: 'permission_denied',
      fix: expect.stringContaining('rds:RestoreDBInstanceToPointInTime'),
    });
    rds.wrong = { isDown: true };
    await expect(look()).rejects.toMatchObject({ code: 'rds_unavailable' });
    rds.reset();
    expect(await instances()).toBe(false);
    const unknown = rdsHistory({
      rds: openRds(rds.clients),
      instance: 'unknown',
      holds: DATABASE_OF_CELL,
      connect: async () => cell.connection,
      reached: () => undefined,
    });
    await expect(unknown.window()).rejects.toMatchObject({ code: 'cell_not_found' });
  });

  test('only an instance that is fit for health data is taken', async () => {
    const api = openRds(rds.clients);
    requireSuitable(await api.get(INSTANCE));
    await rds.make('open', { StorageEncrypted: false, PubliclyAccessible: true, EngineVersion: '15.4' });
    const open = await api.get('open');
    expect(() => requireSuitable({ ...open, status: 'available' })).toThrow(
      /it is Postgres 15.4.*not encrypted.*publicly accessible/,
    );
    expect(() => requireSuitable({ ...open, engine: 'mysql' })).toThrow(/its engine is mysql/);
    rds.wrong = { status: 'stopped' };
    const stopped = await api.get(INSTANCE);
    expect(() => requireSuitable(stopped)).toThrow(/is stopped, not available/);
  });

  test('the master password is RDS’s own, else the one that was given', async () => {
    const api = openRds(rds.clients);
    const instance = await api.get(INSTANCE);
    expect(await masterPassword(api, instance, 'another')).toBe(cell.connection.password);
    const unmanaged = { ...instance, secretArn: undefined };
    expect(await masterPassword(api, unmanaged, 'given')).toBe('given');
    await expect(masterPassword(api, unmanaged, undefined)).rejects.toMatchObject({
      code: 'config_invalid',
      fix: expect.stringContaining('RINGFENCE_RDS_PASSWORD'),
    });
    const gone = { ...instance, secretArn: `${instance.secretArn}-${randomUUID()}` };
    await expect(masterPassword(api, gone, undefined)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

/** The next one, when it has passed: nothing that comes later is in it. */
const wholeSecond = async (): Promise<Date> => {
  const at = new Date(Math.ceil((Date.now() + 10) / 1000) * 1000);
  await pause(at.getTime() - Date.now() + 20);
  return at;
};
