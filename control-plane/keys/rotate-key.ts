import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { listKeyCopies } from '../../data-plane/keys/key-copy.js';
import { wrapUnder } from '../../data-plane/keys/key-wraps.js';
import { setLoginPassword } from '../../data-plane/keys/rotation/login-password.js';
import { type ResealReport, resealTenant } from '../../data-plane/keys/rotation/reseal.js';
import { readSealedTables } from '../../data-plane/keys/rotation/sealed-tables.js';
import type { TenantKey } from '../../data-plane/keys/tenant-key.js';
import { usingKey, usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import { refuseWhileFenced } from '../operation/refuse-while-moving.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { probeKeys } from './probe-keys.js';
import { wrappedKeys } from './store.js';

export interface RotationOptions {
  /** The time for which applications may use a cached key version (`cacheTtlMs` of `tenantKeys`). */
  readonly settleMs: number;
  /** A new version was made. */
  readonly onVersion?: (version: number) => void;
  readonly onWait?: (waitMs: number) => void;
  readonly onBatch?: (progress: { table: string; rows: number; of: number }) => void;
}

export interface RotationSummary extends ResealReport {
  readonly slug: string;
  readonly tenantId: string;
  readonly keyVersion: number;
  /** This run finished an earlier one. */
  readonly resumed: boolean;
  readonly seconds: number;
}

/**
 * Gives a tenant a new key version and seals its fields again under it, while the tenant works on. Former versions stay,
 * for its backups. After a killed run it seals the remaining fields of older versions and makes no new version.
 *
 * Seals no field before every application knows the new version: a search would ask for old indexes only. Has a lock of its
 * own, so deployments and backups go on beside it.
 *
 * @throws RingfenceError tenant_busy while another rotation of the tenant runs, or when rows stay locked.
 */
export const rotateTenantKey = (
  runtime: Runtime,
  slug: string,
  options: RotationOptions,
): Promise<RotationSummary> =>
  withLock(
    runtime.control,
    `keys/${slug}`,
    async () => {
      await runtime.beforeChange();
      const tenant = await getTenant(runtime.control, slug);
      await refuseWhileFenced(runtime.control, tenant.id);
      return rotate(runtime, tenant, options);
    },
    () =>
      new RingfenceError('tenant_busy', `another run rotates the key of tenant ${slug}`, {
        fix: 'wait until it ends',
      }),
  );

const rotate = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  options: RotationOptions,
): Promise<RotationSummary> => {
  const startedMs = performance.now();
  const store = wrappedKeys(runtime.control);
  const known = await store.get(tenant.id);
  if (known === undefined) throw new RingfenceError('key_not_found', `tenant ${tenant.slug} has no key`);
  const summarise = (keyVersion: number, resumed: boolean, report: ResealReport): RotationSummary => ({
    slug: tenant.slug,
    tenantId: tenant.id,
    keyVersion,
    resumed,
    ...report,
    seconds: (performance.now() - startedMs) / 1000,
  });

  await refuseOlderCatalogue(runtime, tenant, known.version);
  if (known.version > 1) {
    const left = await sealUnder(runtime, store, tenant, known, options);
    if (left.rows > 0) {
      await wrapForPlacements(runtime, tenant.slug);
      return summarise(known.version, true, left);
    }
  }

  // Makes no version that nothing could be sealed under.
  await withConnection(await runtime.target.adminConnection(tenant.cell), readSealedTables);
  const rootKeyId = await runtime.target.rootKeyId(tenant.cell);
  const version = known.version + 1;
  await usingKey(runtime.target.tenantKeys.create(tenant.id, rootKeyId, version), () => undefined);
  await wrapForPlacements(runtime, tenant.slug);
  const made = await store.get(tenant.id, version);
  if (made === undefined) throw new RingfenceError('key_not_found', 'the new key version was not kept');
  runtime.hasChanged();
  runtime.reached('key-version-created');
  options.onVersion?.(version);
  return summarise(version, false, await sealUnder(runtime, store, tenant, made, options));
};

/** Has every cell open it that has something of the tenant by now: a rotation waits for applications, and a placement may come meanwhile. */
const wrapForPlacements = async ({ control, target }: Runtime, slug: string): Promise<void> => {
  const tenant = await getTenant(control, slug);
  const [home, ...others] = await Promise.all(inhabitedCells(tenant).map((cell) => target.rootKeyId(cell)));
  if (home !== undefined) await wrapUnder(target.keyRoot, target.keyWraps, tenant.id, [home, ...others]);
};

/**
 * Makes no version twice: a control database from before the last rotation would make another key of the same number.
 * @throws RingfenceError `keys_differ` when rows, or copies of keys beside the backups, are of a version that it does not
 * have.
 */
const refuseOlderCatalogue = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  known: number,
): Promise<void> => {
  const { objects } = runtime.target;
  let { highestVersion: highest } = await probeKeys(runtime, tenant);
  for await (const copy of listKeyCopies(objects.at(objects.place, tenant.cell), tenant.id))
    highest = Math.max(highest, copy.version);
  if (highest <= known) return;
  throw new RingfenceError(
    'keys_differ',
    `tenant ${tenant.slug} has key version ${highest}, and the control database knows ${known} only: it is an older one`,
    { fix: 'take the key over that lies beside the backups: `ringfence control reconcile`' },
  );
};

/**
 * Comes when every application knows the version. Changes the login's password, then seals every field of an older version
 * again.
 */
const sealUnder = async (
  runtime: Runtime,
  store: WrappedKeyStore,
  tenant: RegisteredTenant,
  { version, createdAt }: WrappedKeyRecord,
  options: RotationOptions,
): Promise<ResealReport> => {
  const waitMs = createdAt.getTime() + options.settleMs - runtime.now().getTime();
  if (waitMs > 0) {
    options.onWait?.(waitMs);
    await pause(waitMs);
  }
  const admin = await runtime.target.adminConnection(tenant.cell);
  return usingKeyVersions(runtime.target.tenantKeys, store, tenant.id, async (versions) => {
    const keys = versions.filter((key) => key.version <= version);
    await withConnection(admin, (client) => setLoginPassword(client, keys.at(-1) as TenantKey));
    return resealTenant(admin, {
      tenantId: tenant.id,
      keys,
      onBatch: (progress) => {
        options.onBatch?.(progress);
        runtime.reached('key-batch-sealed');
      },
    });
  });
};
