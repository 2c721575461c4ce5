import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrappedKeys } from '../../../control-plane/keys/store.js';
import { cellCredentials } from '../../../data-plane/database/cell-credentials.js';
import { openPool, withConnection } from '../../../data-plane/database/connect.js';
import { migrate } from '../../../data-plane/database/migrate.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../../data-plane/database/roles.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  stopLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { openAccess } from '../../../examples/access/open.js';
import { plantClinic, plantStaff } from '../../support/cell-database.js';
import { identityProvider } from './token-maker.js';

/** The servers and files that `ringfence cells up` and `tenants add` make, without the engine. */
describe('a project on this machine', () => {
  const home = mkdtempSync(join(tmpdir(), 'ringfence-home-'));
  const controlDir = join(home, 'control');
  const cellDir = join(home, 'cells', 'one');
  let staff: Awaited<ReturnType<typeof plantStaff>>;

  beforeAll(async () => {
    const controlServer = await ensureLocalServer(controlDir);
    const cellServer = await ensureLocalServer(cellDir);
    const at = <T>(
      server: typeof cellServer,
      database: string,
      work: Parameters<typeof withConnection<T>>[1],
    ) => withConnection({ ...server, database }, work);
    await at(cellServer, 'postgres', (client) => client.query('CREATE DATABASE ringfence'));
    await at(cellServer, 'ringfence', async (client) => {
      await createRoles(client);
      await prepareCell(client, cellCredentials(cellDir));
      await client.query(`ALTER DATABASE ringfence SET timezone = 'Asia/Tokyo'`);
      await client.query(`ALTER DATABASE ringfence SET datestyle = 'German'`);
      await client.query(`ALTER DATABASE ringfence SET intervalstyle = 'iso_8601'`);
    });
    const cell = openPool({ ...cellServer, database: 'ringfence' }, { max: 1, name: 'test' });
    staff = await plantStaff(cell, await plantClinic(cell, 'local'), 'owner');
    await cell.end();

    await at(controlServer, 'postgres', (client) => client.query('CREATE DATABASE control'));
    await at(controlServer, 'control', async (client) => {
      await migrate(client, 'control');
      await client.query(
        `INSERT INTO control.cells (name, tier, region, target) VALUES ('one', 'shared', 'eu-central-1', 'local')`,
      );
      await client.query(
        `WITH placed AS (
       INSERT INTO control.tenants (id, slug, cell, tier, state, legal_name, plan) VALUES ($1, 'local', 'one', 'shared', 'active', 'Local', 'starter')
       RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed`,
        [staff.tenantId],
      );
      await client.query(`INSERT INTO control.clinics (id, tenant_id, slug) VALUES ($1, $2, 'centro')`, [
        staff.clinicId,
        staff.tenantId,
      ]);
    });
    const control = openPool({ ...controlServer, database: 'control' }, { max: 1, name: 'test' });
    const root = localKeyring(join(home, 'keyring'));
    const rootKeyId = await root.ensureRoot('one', { mayCreate: true });
    const keys = tenantKeys({ root, store: wrappedKeys(control) });
    (await keys.create(staff.tenantId, rootKeyId)).wipe();
    await control.end();
  });
  afterAll(() => {
    purgeLocalServer(cellDir);
    purgeLocalServer(controlDir);
    rmSync(home, { recursive: true, force: true });
  });

  it('is followed by a running application to other ports, within seconds', async () => {
    const idp = identityProvider();
    const jwks = createServer((_, response) => void response.end(JSON.stringify(idp.keys)));
    await once(jwks.listen(0, '127.0.0.1'), 'listening');
    const { port } = jwks.address() as AddressInfo;
    const { access, close } = openAccess(home, new URL(`http://127.0.0.1:${port}`), () => undefined);
    const token = idp.token(staff.clinicId, { sub: staff.userId });
    const enter = () => access.run(token, staff.clinicId, async () => 'in').catch(({ code }) => code);
    expect(await enter()).toBe('in');

    const silent = [];
    for (const dir of [controlDir, cellDir]) {
      const before = (await ensureLocalServer(dir)).port;
      stopLocalServer(dir);
      // It lets everyone connect, and says nothing.
      silent.push(createTcpServer(() => undefined).listen(before, '127.0.0.1'));
      await once(silent.at(-1) as Server, 'listening');
      expect((await ensureLocalServer(dir)).port).not.toBe(before);
    }
    await expect.poll(enter, { interval: 100 }).toBe('in');
    await close();
    for (const server of [jwks, ...silent]) server.close();
  });

  it('is opened from its files: a patient is written and found, a suspension holds at once', async () => {
    const idp = identityProvider();
    const jwks = createServer((_, response) => void response.end(JSON.stringify(idp.keys)));
    await once(jwks.listen(0, '127.0.0.1'), 'listening');
    const { port } = jwks.address() as AddressInfo;
    const reasons: string[] = [];
    const { access, close } = openAccess(home, new URL(`http://127.0.0.1:${port}`), ({ reason }) => {
      reasons.push(reason);
    });
    const token = idp.token(staff.clinicId, { sub: staff.userId });
    const patient = { patient_name: 'Ana', phone: '+34 600 000 001', medical_history: '-', locale: 'es' };
    const found = await access.run(token, staff.clinicId, async (db) => {
      await db.rows.insert('clinical.patients', patient);
      return db.rows.find('clinical.patients', { patient_name: 'ANA' });
    });
    expect(found).toMatchObject([patient]);
    const { rows: told } = await access.query(
      token,
      staff.clinicId,
      `SELECT current_setting('timezone') || now()::text ~ '^UTC.*[+]00$' AS utc, date '1980-02-01' AS day, interval '1 day' AS lasts`,
    );
    expect(told).toEqual([{ utc: true, day: '1980-02-01', lasts: { days: 1 } }]);

    const controlServer = await ensureLocalServer(controlDir);
    await withConnection({ ...controlServer, database: 'control' }, (client) =>
      client.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [staff.tenantId]),
    );
    const enter = () => access.run(token, staff.clinicId, async () => 'in').catch(({ code }) => code);
    await expect.poll(enter, { interval: 5, timeout: 5_000 }).toBe('clinic_inactive');
    const nobody = access.run(token, randomUUID(), async () => 'in');
    await expect(nobody).rejects.toMatchObject({ code: 'access_refused' });
    expect(new Set(reasons)).toEqual(new Set(['clinic_inactive', 'clinic_other']));
    await close();
    jwks.close();
  });
});
