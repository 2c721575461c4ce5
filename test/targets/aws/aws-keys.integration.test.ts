import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keyWraps, wrappedKeys } from '../../../control-plane/keys/store.js';
import { wrapUnder } from '../../../data-plane/keys/key-wraps.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { usingKey } from '../../../data-plane/keys/using-keys.js';
import { aws } from '../../../targets/aws/index.js';
import { everyKeyRoot } from '../../../targets/index.js';
import { local } from '../../../targets/local/index.js';
import type { TargetContext } from '../../../targets/target.js';
import { keyRootConformance } from '../../data-plane/keys/key-root.conformance.js';
import { useDatabase } from '../../support/cell-database.js';
import { findMinistack, type Ministack, startMinistack } from '../../support/ministack.js';

const program = await findMinistack();
const REGION = 'eu-west-1';
const home = mkdtempSync(join(tmpdir(), 'ringfence-aws-keys-'));
const context: TargetContext = { home, env: {}, reached: () => undefined, say: () => undefined };
const existing = { region: REGION, address: { rdsInstance: 'clinics', rootKeys: 'aws-kms' } };
const infrastructure = {
  account: '123456789012',
  size: 'small',
  multiAz: false,
  network: null,
  copiesIn: null,
};
const rootOf = (cell: Parameters<ReturnType<typeof aws.open>['keyRoot']>[0]) =>
  aws.open(context).keyRoot(cell);

describe.skipIf(program === undefined)('Cells in AWS whose root keys are in AWS KMS', () => {
  const db = useDatabase('control');
  let ministack: Ministack;
  beforeAll(async () => {
    ministack = await startMinistack(program ?? '');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', ministack.endpoint);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await ministack.stop();
    rmSync(home, { recursive: true, force: true });
  });

  keyRootConformance('the root of such a cell', async () => rootOf(existing), { authenticates: false });

  it('have their root in their own region', async () => {
    const root = await rootOf(existing).ensureRoot('regional', { mayCreate: true });
    expect(root).toMatch(/^arn:aws:kms:eu-west-1:/);
    expect(await everyKeyRoot(context).whereabouts(root)).toMatchObject([{ region: REGION }]);
  });

  it('get no root but the one of their stack, where Ringfence makes them', async () => {
    const made = { region: REGION, address: { ...existing.address, infrastructure } };
    await expect(rootOf(made).ensureRoot('made', { mayCreate: true })).rejects.toMatchObject({
      code: 'key_not_found',
    });
    const id = await rootOf(existing).ensureRoot('made', { mayCreate: true });
    expect(await rootOf(made).ensureRoot('made', { mayCreate: true })).toBe(id);
  });

  it('keep the keyring of the project where an earlier version made them', async () => {
    const earlier = { region: REGION, address: { rdsInstance: 'clinics', infrastructure } };
    expect(await rootOf(earlier).ensureRoot('earlier', { mayCreate: true })).toMatch(/^local\/earlier\//);
  });

  it('share a tenant that moves with a cell on this machine: its key opens under either root', async () => {
    const tenantId = randomUUID();
    const here = await local
      .open(context)
      .keyRoot({ region: REGION, address: {} })
      .ensureRoot('here', { mayCreate: true });
    const away = await rootOf(existing).ensureRoot('away', { mayCreate: true });
    const root = everyKeyRoot(context);
    const fresh = () => tenantKeys({ root, store: wrappedKeys(db.admin) });
    const bytes = (key: Promise<Parameters<Parameters<typeof usingKey>[1]>[0]>) =>
      usingKey(key, (opened) => opened.expand(Buffer.from('x'), 32).toString('hex'));
    const made = await bytes(fresh().create(tenantId, here));
    const leads: (string | undefined)[] = [];
    for (const order of [[here, away], [away, here], [here]] as [string, ...string[]][]) {
      await wrapUnder(root, keyWraps(db.admin), tenantId, order);
      leads.push((await wrappedKeys(db.admin).get(tenantId))?.rootKeyId);
      expect(await bytes(fresh().load(tenantId))).toBe(made);
    }
    expect(leads).toEqual([here, away, here]);
    await keyWraps(db.admin).drop(tenantId, away);
    expect((await keyWraps(db.admin).list(tenantId)).map(({ rootKeyId }) => rootKeyId)).toEqual([here]);
  });
});
