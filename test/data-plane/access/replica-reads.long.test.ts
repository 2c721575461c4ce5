import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellPools } from '../../../data-plane/access/cells/cell-pools.js';
import { inClinicStatement } from '../../../data-plane/access/context/transaction.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../../data-plane/database/roles.js';
import {
  ensureLocalServer,
  purgeLocalServer,
  runningLocalServer,
} from '../../../data-plane/database/server/local-server.js';
import { readRecord } from '../../../data-plane/database/server/record.js';
import { replicaDir } from '../../../data-plane/database/server/replica-place.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import { ensureReplica } from '../../../data-plane/replica/ensure-replica.js';

const TENANT = '6f1d2f10-7f2b-4c1e-9d58-0f6f2f1c9a01';
const CLINIC = '6f1d2f10-7f2b-4c1e-9d58-0f6f2f1c9a02';
const contextKey = { keyId: 1, secret: randomBytes(32) };
const appPassword = randomBytes(24).toString('base64url');
const limits = { timeoutMs: 30_000, signal: undefined };
const pools = cellPools(
  { connections: 2, perTenant: 2, waitMs: 5_000, waitingPerTenant: 10 },
  () => new Date(),
);
const subject = { tenantId: TENANT, clinicId: CLINIC };
const tenant = { ...subject, userId: '' };

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringfence-replica-reads-'));
  chmodSync(dir, 0o755);
  const server = await ensureLocalServer(dir, { archiving: true });
  await withConnection({ ...server, database: 'postgres' }, async (client) => {
    await createRoles(client);
    await client.query('CREATE DATABASE ringfence');
  });
  await withConnection({ ...server, database: 'ringfence' }, async (client) => {
    await prepareCell(client, { appPassword, keeperPassword: 'keeper', contextKey });
    const clinics = [{ id: CLINIC, slug: 'only', name: 'Only', vertical: 'dental', timeZone: 'UTC' }];
    await enrol(client, { tenantId: TENANT, slug: 'replicated', clinics });
    await client.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'a filling', 30)`,
      [CLINIC],
    );
  });
  await ensureReplica(dir, () => undefined);
});
afterAll(async () => {
  await pools.close();
  purgeLocalServer(dir);
});

const address = () => {
  const replica = runningLocalServer(replicaDir(readRecord(dir)?.dataDir ?? ''));
  const primary = runningLocalServer(dir);
  if (!replica || !primary) throw new Error('a server does not run');
  const login = { user: 'ringfence_app', password: appPassword, database: 'ringfence' };
  return {
    cell: 'replicated',
    contextKey,
    connection: { ...primary, ...login },
    replicas: [{ ...replica, ...login }],
  };
};
const run = <Row extends object>(text: string, pool = pools.ofReplica(address())) =>
  inClinicStatement<Row & Record<string, unknown>>(
    pool,
    tenant,
    { subject, readOnly: true },
    limits,
    text,
    [],
  );

test('a marked read is served by the replica, in the context of its clinic', async () => {
  const { rows } = await run<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  expect(rows).toEqual([{ standby: true }]);
  await expect
    .poll(async () => (await run('SELECT name FROM clinical.services')).rows)
    .toEqual([{ name: 'a filling' }]);
});

test('the replica holds nobody to the clinic less than the cell does', async () => {
  const other = { tenantId: TENANT, clinicId: '6f1d2f10-7f2b-4c1e-9d58-0f6f2f1c9a03' };
  await expect(
    inClinicStatement(
      pools.ofReplica(address()),
      tenant,
      { subject: other, readOnly: true },
      limits,
      'SELECT 1',
      [],
    ),
  ).rejects.toThrow();
  await expect(
    run(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('x', 1)`),
  ).rejects.toThrow();
});

test('a fence that is closed at the cell is closed at the replica', async () => {
  const server = await ensureLocalServer(dir);
  await withConnection({ ...server, database: 'ringfence' }, (client) =>
    client.query(`UPDATE ringfence.tenants SET fence = 'closed'`),
  );
  await expect
    .poll(() =>
      run('SELECT 1').then(
        () => 'in',
        (error: { code: string }) => error.code,
      ),
    )
    .toBe('tenant_moving');
});

test('without a replica the cell itself serves it', async () => {
  const { replicas: _, ...alone } = address();
  expect(pools.ofReplica(alone)).toBe(pools.of(alone));
});
