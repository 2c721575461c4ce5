import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { announceMove } from '../../../control-plane/moves/store.js';
import {
  type ControlDirectoryOptions,
  controlDirectory,
} from '../../../data-plane/access/directory/control-directory.js';
import type { Directory } from '../../../data-plane/access/directory/directory.js';
import { localCell, openLocalProject } from '../../../data-plane/access/directory/local-project.js';
import { tenantKeyRecords } from '../../../data-plane/access/directory/tenant-key-records.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';

const LISTENERS = `SELECT pid FROM pg_stat_activity
  WHERE application_name = 'ringfence directory' AND query LIKE 'LISTEN%' AND datname = current_database()`;

describe('the directory over the control database', () => {
  const db = useDatabase('control');
  const opened: Directory[] = [];
  let asked = 0;
  const tenantId = randomUUID();
  const clinicId = randomUUID();

  beforeAll(async () => {
    await db.admin.query(
      `INSERT INTO control.cells (name, tier, region, target) VALUES ('one', 'shared', 'eu-central-1', 'local'), ('two', 'shared', 'eu-central-1', 'local')`,
    );
    await db.admin.query(
      `WITH placed AS (
       INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan) VALUES ($1, 'sonrisa', 'one', 'shared', 'active', 'Sonrisa', 'starter')
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
      [tenantId],
    );
    await db.admin.query(`INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, 'centro')`, [
      clinicId,
      tenantId,
    ]);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((directory) => directory.close()));
  });

  const open = (options: Partial<ControlDirectoryOptions> = {}): Directory => {
    asked = 0;
    const directory = controlDirectory({
      control: db.connection,
      cellAddress: (cell) => {
        asked++;
        return { cell, connection: { ...db.connection, database: cell }, contextKey: TEST_CONTEXT_KEY };
      },
      ...options,
    });
    opened.push(directory);
    return directory;
  };
  const listening = async (): Promise<void> => {
    await expect.poll(async () => (await db.admin.query(LISTENERS)).rowCount).toBe(1);
    await expect
      .poll(async () => {
        const before = asked;
        await opened[0]?.locate(clinicId);
        return asked - before;
      })
      .toBe(0);
  };
  const update = (set: string) =>
    db.admin.query(
      `WITH known AS (UPDATE control.tenants SET ${set} WHERE id = $1 RETURNING id, cell)
       UPDATE control.placements SET cell = known.cell FROM known WHERE tenant_id = known.id`,
      [tenantId],
    );

  it('tells where a tenant that it knows is about to be, and goes on with the route that it has', async () => {
    const directory = open();
    await listening();
    const told: unknown[] = [];
    const end = directory.onDeparture?.(({ located, destination }) =>
      told.push([located.cell, destination.cell]),
    );
    const announce = (id: string) => announceMove(db.admin, { tenantId: id, destination: 'two' });
    await announce(randomUUID());
    await announce(tenantId);
    await expect.poll(() => told).toEqual([['one', 'two']]);
    const before = asked;
    expect(await directory.locate(clinicId)).toMatchObject({ cell: 'one' });
    expect(asked).toBe(before);
    end?.();
  });

  it('finds a clinic, keeps what it found, and asks once for many at once', async () => {
    const directory = open();
    await listening();
    const found = await Promise.all(Array.from({ length: 50 }, () => directory.locate(clinicId)));
    expect(found[0]).toMatchObject({ cell: 'one', tenantId, clinicId, state: 'active' });
    expect(found[0]?.security).toEqual({ mfaRequired: false, sessionMinutes: null, allowedNetworks: [] });
    const before = asked;
    directory.forget(clinicId);
    await Promise.all(Array.from({ length: 50 }, () => directory.locate(clinicId)));
    expect(asked - before).toBe(1);
    expect(await directory.locate(randomUUID())).toBeUndefined();
  });

  const BEFORE = { cell: 'one', state: 'active', mfa: false };
  it.each([
    ['a suspension', `state = 'suspended'`, { ...BEFORE, state: 'suspended' }],
    ['a move to another cell', `cell = 'two'`, { ...BEFORE, cell: 'two' }],
    ['a stricter policy', `security = '{"mfaRequired": true}'`, { ...BEFORE, mfa: true }],
    ['a removal', `state = 'removed'`, undefined],
  ])('learns of %s at once', async (_, change, expected) => {
    const directory = open();
    const current = async () => {
      const located = await directory.locate(clinicId);
      return located && { cell: located.cell, state: located.state, mfa: located.security.mfaRequired };
    };
    await listening();
    expect(await current()).toEqual(BEFORE);
    await update(change);
    const startedMs = performance.now();
    await expect.poll(current, { interval: 5 }).toEqual(expected);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await update(`state = 'active', cell = 'one', security = '{}'`);
  });

  it('is not told of what it does not keep', async () => {
    const directory = open();
    await listening();
    await update(`deployed_at = now()`);
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    await directory.locate(clinicId);
    expect(asked).toBe(before);
  });

  it('keeps nothing while it does not listen, and listens again by itself', async () => {
    const directory = open();
    await listening();
    await db.admin.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENERS}) listening`);
    await update(`state = 'suspended'`);
    await expect.poll(async () => (await directory.locate(clinicId))?.state).toBe('suspended');
    await update(`state = 'active'`);
    await expect.poll(async () => (await directory.locate(clinicId))?.state).toBe('active');
    await listening();
  });

  it('asks each time while it cannot listen', async () => {
    const user = `directory_${randomUUID().slice(0, 8)}`;
    await db.admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'directory'`);
    await db.admin.query(`GRANT USAGE ON SCHEMA control TO ${user}`);
    await db.admin.query(`GRANT SELECT ON control.clinics, control.tenants TO ${user}`);
    const directory = open({ control: { ...db.connection, user, password: 'directory' } });
    await listening();
    directory.forget(clinicId);
    await directory.locate(clinicId);
    await db.admin.query(`ALTER ROLE ${user} NOLOGIN`);
    await db.admin.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENERS}) listening`);
    await expect.poll(async () => (await db.admin.query(LISTENERS)).rowCount).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const states = [];
    for (const state of ['suspended', 'active', 'suspended', 'active']) {
      await update(`state = '${state}'`);
      states.push((await directory.locate(clinicId))?.state);
    }
    expect(states).toEqual(['suspended', 'active', 'suspended', 'active']);
    await directory.close();
    opened.length = 0;
    await db.admin.query(`DROP OWNED BY ${user}`);
    await db.admin.query(`DROP ROLE ${user}`);
  });

  it('keeps nothing where it cannot listen at all, and fails closed when the database is gone', async () => {
    const directory = open({ control: { ...db.connection, port: 1 } });
    await expect(directory.locate(clinicId)).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  it('refuses a malformed policy instead of passing it over', async () => {
    const directory = open();
    await update(`security = '{"mfaRequired": "yes"}'`);
    await expect(directory.locate(clinicId)).rejects.toMatchObject({ code: 'config_invalid' });
    await update(`security = '{}'`);
  });

  it('reads wrapped keys for an application and writes none', async () => {
    const store = tenantKeyRecords(db.admin);
    await db.admin.query(
      `INSERT INTO control.tenant_keys (tenant_id, version, root_key_id, wrapped) VALUES ($1, 1, 'root', '\\x01'), ($1, 2, 'root', '\\x02')`,
      [tenantId],
    );
    expect(await store.get(tenantId)).toMatchObject({ version: 2, wrapped: Buffer.from([2]) });
    expect(await store.get(tenantId, 1)).toMatchObject({ version: 1 });
    expect(await store.list(tenantId)).toHaveLength(2);
    const [record] = await store.list(tenantId);
    if (!record) throw new Error('no record');
    await expect(store.put(record)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(store.markDestroyed(tenantId, new Date())).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });

  it('of a project on this machine says what is not running, and makes nothing', () => {
    const home = mkdtempSync(join(tmpdir(), 'ringfence-home-'));
    try {
      expect(() => openLocalProject(home)).toThrow(expect.objectContaining({ code: 'database_unavailable' }));
      expect(() => localCell(home, 'one')).toThrow(expect.objectContaining({ code: 'database_unavailable' }));
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
