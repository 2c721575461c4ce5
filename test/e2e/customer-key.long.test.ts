import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalProject, openLocalProject } from '../../data-plane/access/index.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { customerKeyOf } from '../../data-plane/keys/customer-held/envelope.js';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../support/cli.js';
import { findMinistack, type Ministack, startMinistack } from '../support/ministack.js';
import { type ManagedPostgres, startManagedPostgres } from '../support/rds/managed-postgres.js';
import { findMoto } from '../support/rds/moto.js';
import { INSTANCE, startRds, type TestRds } from '../support/rds/use-rds.js';

const CELL = 'clinics-rds';
const SLUG = 'con-llave';
const REGION = 'eu-central-1';
const [moto, ministackProgram] = [await findMoto(), await findMinistack()];

describe.skipIf(moto === undefined || ministackProgram === undefined)('A key that the customer holds', () => {
  let project: CliProject;
  let postgres: ManagedPostgres;
  let rds: TestRds;
  let ministack: Ministack;
  let kms: KMSClient;
  let env: Record<string, string>;
  let application: LocalProject;
  let tenantId: string;
  let database: Connection;
  let KeyId: string;

  const told = async (): Promise<string[]> => {
    const { rows } = await withConnection(database, (client) =>
      client.query<{ action: string }>(
        `SELECT action FROM clinical.audit_events WHERE action IN ('key-closed', 'key-open') ORDER BY at`,
      ),
    );
    return rows.map(({ action }) => action);
  };
  const opens = async (): Promise<string> => {
    try {
      (await application.tenantKeys.load(tenantId)).wipe();
      return 'open';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  /** @returns the seconds until an application that is never started anew finds the key in that state. */
  const secondsUntil = async (state: string): Promise<number> => {
    const startedMs = Date.now();
    while ((await opens()) !== state && Date.now() - startedMs < 90_000) await pause(500);
    return (Date.now() - startedMs) / 1000;
  };
  const check = () => project.json<{ state: string; hasChanged: boolean }[]>(['keys', 'check'], { env });

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    postgres = await startManagedPostgres();
    database = { ...postgres.master, database: 'ringfence' };
    rds = await startRds(moto ?? '', postgres);
    ministack = await startMinistack(ministackProgram ?? '');
    env = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: rds.endpoint,
      AWS_ENDPOINT_URL_KMS: ministack.endpoint,
    };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    kms = new KMSClient({ region: REGION });
    KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    project = openCliProject();
  });
  afterAll(async () => {
    await application?.close();
    vi.unstubAllEnvs();
    rmSync(join(project.home, 'cells', CELL), { recursive: true, force: true });
    const left = await project.purge();
    await Promise.all([rds.stop(), ministack.stop()]);
    postgres.stop();
    expect(left).toEqual([]);
  });

  it('wraps the tenant’s key beside the root of the cell, which is in AWS KMS', async () => {
    const up = ['cells', 'up', CELL, '--region', REGION, '--rds', INSTANCE, '--kms'];
    const [cell] = await project.json<{ rootKeyId: string }[]>([...up, '--ca-file', postgres.caFile], {
      env,
    });
    expect(cell?.rootKeyId).toMatch(/^arn:aws:kms:eu-central-1:/);
    project.manifest(SLUG, { cell: CELL, keys: { customerKey: KeyId } });
    await project.deploy({ env });
    expect((await project.run(['demo', 'load', SLUG, '--patients', '5'], { env })).status).toBe(0);
    expect(await project.run(['backups', 'run', SLUG], { env })).toMatchObject({ status: 0 });
    const [key] = await project.control<{ tenant_id: string; root_key_id: string; wrapped: Buffer }>(
      'SELECT tenant_id, root_key_id, wrapped FROM control.tenant_keys',
    );
    expect([key?.root_key_id, customerKeyOf(key?.wrapped ?? Buffer.alloc(0))]).toEqual([
      cell?.rootKeyId,
      KeyId,
    ]);
    tenantId = key?.tenant_id ?? '';
    application = openLocalProject(project.home);
    expect(await opens()).toBe('open');
    expect(await check()).toMatchObject([{ state: 'open', hasChanged: false }]);
  });

  it('closes rows and backups within a minute when it is disabled, says what to do, and is noted once', async () => {
    await kms.send(new DisableKeyCommand({ KeyId }));
    const seconds = await secondsUntil('customer_key_closed');
    process.stderr.write(`disabled: closed to a running application after ${seconds} s\n`);
    expect(seconds).toBeLessThan(60);
    for (const command of [
      ['backups', 'run', SLUG],
      ['backups', 'restore', SLUG, '--table', 'clinical.invoice_lines', '-y'],
      ['tenants', 'export', SLUG, '--out', join(project.root, 'export.zip'), '-y'],
    ]) {
      const { status, stderr } = await project.run(command, { env });
      expect([command[1], status, stderr]).toEqual([
        command[1],
        3,
        expect.stringContaining('customer_key_closed'),
      ]);
      expect(stderr).toContain('nothing is lost');
    }
    expect(await check()).toMatchObject([{ state: 'closed', hasChanged: true }]);
    expect(await check()).toMatchObject([{ state: 'closed', hasChanged: false }]);
    expect(await told()).toEqual(['key-closed']);
  });

  it('opens them again when it is given back, without a restart', async () => {
    await kms.send(new EnableKeyCommand({ KeyId }));
    const seconds = await secondsUntil('open');
    process.stderr.write(`given back: open to a running application after ${seconds} s\n`);
    expect(seconds).toBeLessThan(60);
    expect(await check()).toMatchObject([{ state: 'open', hasChanged: true }]);
    expect(await told()).toEqual(['key-closed', 'key-open']);
    expect(await project.run(['audit', 'verify', SLUG], { env })).toMatchObject({ status: 0 });
    const restore = ['backups', 'restore', SLUG, '--table', 'clinical.invoice_lines', '-y'];
    expect(await project.run(restore, { env })).toMatchObject({ status: 0 });
  });

  it('closes when its deletion is scheduled, and opens when that is cancelled', async () => {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(await secondsUntil('customer_key_closed')).toBeLessThan(60);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect(await secondsUntil('open')).toBeLessThan(60);
  });

  it('is refused where a copy of it is outside the residency', async () => {
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
    await kms.send(new ReplicateKeyCommand({ KeyId: made?.Arn, ReplicaRegion: 'us-east-1' }));
    project.manifest(SLUG, { cell: CELL, keys: { customerKey: made?.Arn ?? '' } });
    const { status, stderr } = await project.run(['tenants', 'apply', SLUG, '-y'], { env });
    expect([status, stderr]).toEqual([5, expect.stringContaining('residency_violated')]);
    expect(stderr).toContain('us-east-1 is Northern Virginia');
    expect(await opens()).toBe('open');
  });

  it('is no longer needed where the manifest does not name it', async () => {
    project.manifest(SLUG, { cell: CELL });
    const { status, stderr } = await project.run(['tenants', 'apply', SLUG, '-y'], { env });
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await project.run(['backups', 'run', SLUG], { env })).toMatchObject({ status: 0 });
  });
});
