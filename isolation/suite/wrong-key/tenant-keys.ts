import { inspect } from 'node:util';
import { RingfenceError } from '../../../core/errors.js';
import { decryptField, encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { canaryId } from '../canary-ids.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import type { Stage } from '../stage.js';
import { runKeys } from './keys-of-run.js';
import { bitFlips, mustRefuse, mustRefuseAll, truncations } from './refusals.js';

interface Wrapped {
  readonly tenantA: string;
  readonly tenantB: string;
  readonly bytes: Buffer;
  unwrap(bytes: Buffer, context: Record<string, string>, rootKeyId?: string): Promise<Buffer>;
}

const wrapped = async (stage: Stage): Promise<Wrapped> => {
  const { tenantA, tenantB } = await runKeys(stage);
  const record = await stage.keys.wrapped.get(tenantA, 1);
  if (!record?.wrapped) throw new RingfenceError('key_not_found', 'the key of this run is gone');
  // A key that opens nowhere would be refused everywhere.
  (await stage.keys.root.unwrap(record.rootKeyId, record.wrapped, { tenant: tenantA, version: '1' })).fill(0);
  return {
    tenantA,
    tenantB,
    bytes: record.wrapped,
    unwrap: (bytes, context, rootKeyId = record.rootKeyId) =>
      stage.keys.root.unwrap(rootKeyId, bytes, context),
  };
};

const wrong = (
  id: string,
  isolation: readonly number[],
  tried: string,
  unwrap: (wrapped: Wrapped) => Promise<unknown>,
): SuiteCase => ({
  id: `wrong-key/wrapped/${id}`,
  isolation,
  tried,
  expected: 'refused',
  run: async (stage) => {
    const all = await wrapped(stage);
    return mustRefuse(
      () => unwrap(all),
      ['envelope_refused', 'key_not_found', 'keyring_invalid', 'keyring_missing'],
    );
  },
});

const wrongs = (id: string, tried: string, change: (bytes: Buffer) => Buffer[]): SuiteCase => ({
  id: `wrong-key/wrapped/${id}`,
  isolation: [22],
  tried,
  expected: 'every one refused',
  run: async (stage) => {
    const all = await wrapped(stage);
    const context = { tenant: all.tenantA, version: '1' };
    return mustRefuseAll(change(all.bytes).map((bytes) => () => all.unwrap(bytes, context)));
  },
});

/** Wrapped keys taken from where they are kept, and keys that were destroyed or cannot be reached. */
export const TENANT_KEYS: readonly SuiteCase[] = [
  wrong(
    'other-tenant',
    [23, 26],
    "Opening a tenant's wrapped key as another tenant's",
    ({ bytes, tenantB, unwrap }) => unwrap(bytes, { tenant: tenantB, version: '1' }),
  ),
  wrong('other-version', [23], 'Opening it as another version', ({ bytes, tenantA, unwrap }) =>
    unwrap(bytes, { tenant: tenantA, version: '2' }),
  ),
  wrong('no-version', [23], 'Opening it without saying the version', ({ bytes, tenantA, unwrap }) =>
    unwrap(bytes, { tenant: tenantA }),
  ),
  wrong(
    'more-context',
    [23],
    'Opening it with one name more in its context',
    ({ bytes, tenantA, tenantB, unwrap }) =>
      unwrap(bytes, { tenant: tenantA, version: '1', clinic: tenantB }),
  ),
  wrong(
    'other-root',
    [22, 25],
    'Opening it with a root key that is not its own',
    ({ bytes, tenantA, unwrap }) =>
      unwrap(bytes, { tenant: tenantA, version: '1' }, `local/canary-cell/${tenantA}`),
  ),
  wrong(
    'personal-context',
    [26],
    "Putting a person's name into the context, which a key service writes to its audit trail",
    ({ bytes, unwrap }) => unwrap(bytes, { tenant: 'Ana Canaria', version: '1' }),
  ),
  wrong('empty-context', [26], 'Opening it without any context', ({ bytes, unwrap }) => unwrap(bytes, {})),
  wrongs('flipped', 'Opening it with each single bit changed', (bytes) => bitFlips(bytes)),
  wrongs('truncated', 'Opening it cut at every length', truncations),
  wrongs('extended', 'Opening it with bytes behind it', (bytes) =>
    [1, 16].map((more) => Buffer.concat([bytes, Buffer.alloc(more)])),
  ),
  {
    id: 'wrong-key/tenant-key/distinct',
    isolation: [25],
    tried:
      'Looking whether keys of two tenants, or two versions, are the same or can be derived from the tenant id',
    expected: 'unrelated random keys',
    run: async (stage) => {
      const { a, newer, b } = await runKeys(stage);
      const info = Buffer.from('canary');
      const derived = [a, newer, b].map((key) => key.expand(info, 32).toString('hex'));
      // A key that is made again under the same id must differ; a derived key would not.
      const { keys } = stage;
      const again = canaryId();
      const first = await keys.tenantKeys.create(again, keys.rootKeyId);
      const firstBytes = first.expand(info, 32).toString('hex');
      await keys.tenantKeys.destroy(again);
      await keys.forget(again, again);
      const second = await keys.tenantKeys.create(again, keys.rootKeyId);
      derived.push(firstBytes, second.expand(info, 32).toString('hex'));
      return new Set(derived).size === derived.length
        ? held('all different')
        : leaked('two keys are related');
    },
  },
  {
    id: 'wrong-key/tenant-key/printed',
    isolation: [9, 25],
    tried: 'Printing an open key, as a careless log line would',
    expected: 'the secret is not in it',
    run: async (stage) => {
      const { a } = await runKeys(stage);
      const printed = [inspect(a, { depth: 9, showHidden: true }), JSON.stringify(a), String(a)].join();
      return /secret|Buffer|[0-9a-f]{64}/i.test(printed)
        ? leaked('it shows the secret')
        : held('ids and version only');
    },
  },
  {
    id: 'wrong-key/tenant-key/destroyed',
    isolation: [25],
    tried: 'Loading a key that was destroyed, in this process and in a fresh one',
    expected: 'it is gone, at once',
    run: async (stage) => {
      const tenantId = await destroyedTenant(stage);
      const fresh = tenantKeys({ root: stage.keys.root, store: stage.keys.wrapped });
      return mustRefuseAll(
        [
          () => stage.keys.tenantKeys.load(tenantId),
          () => stage.keys.tenantKeys.load(tenantId, 1),
          () => fresh.load(tenantId),
        ],
        ['key_not_found'],
      );
    },
  },
  {
    id: 'wrong-key/tenant-key/replaced',
    isolation: [25],
    tried: 'Making a key again in the place of one that was destroyed',
    expected: 'refused: a destroyed key is never replaced',
    run: async (stage) => {
      const tenantId = await destroyedTenant(stage);
      return mustRefuse(
        () => stage.keys.tenantKeys.create(tenantId, stage.keys.rootKeyId),
        ['key_not_found'],
      );
    },
  },
  {
    id: 'wrong-key/tenant-key/bytes-left',
    isolation: [25],
    tried: 'Looking for the wrapped bytes of a destroyed key where keys are kept',
    expected: 'a dated record without bytes',
    run: async (stage) => {
      const records = await stage.keys.wrapped.list(await destroyedTenant(stage));
      if (records.some((record) => record.wrapped !== null)) return leaked('the wrapped key is still there');
      return records.every(({ destroyedAt }) => destroyedAt !== null) && records.length > 0
        ? held('a dated record without bytes')
        : unproven('there is no record of it');
    },
  },
  {
    id: 'wrong-key/tenant-key/shredded',
    isolation: [25],
    tried: "Opening a field that was sealed before the tenant's key was destroyed",
    expected: 'nobody has a key that opens it',
    run: async (stage) => {
      const { tenantKeys: keys, rootKeyId } = stage.keys;
      const tenantId = canaryId();
      const place = { table: 'clinical.patients', column: 'phone_sealed', rowId: canaryId() };
      const key = await keys.create(tenantId, rootKeyId);
      const envelope = encryptField(fieldKey(key, stage.a.clinicId), place, 'canary');
      key.wipe();
      await keys.destroy(tenantId);
      return mustRefuse(
        async () => decryptField(fieldKey(await keys.load(tenantId), stage.a.clinicId), place, envelope),
        ['key_not_found'],
      );
    },
  },
  {
    id: 'wrong-key/tenant-key/wiped',
    isolation: [25],
    tried: 'Using an open key after it was wiped from memory',
    expected: 'refused',
    run: async (stage) => {
      const { a } = await runKeys(stage);
      const copy = a.copy();
      copy.wipe();
      return mustRefuse(() => fieldKey(copy, stage.a.clinicId), ['key_not_found']);
    },
  },
  ...(['kms_unavailable', 'key_access_denied'] as const).map((code) => ({
    id: `wrong-key/key-service/${code.replaceAll('_', '-')}`,
    isolation: [26],
    tried: `Loading a key while the key service ${code === 'kms_unavailable' ? 'does not answer' : 'denies access'}`,
    expected: 'closed: no key, and a message that says so',
    run: async (stage: Stage) => {
      const { tenantA } = await runKeys(stage);
      const down: KeyRoot = {
        ...stage.keys.root,
        unwrap: async () => {
          throw new RingfenceError(code, 'the key service does not help');
        },
      };
      const fresh = tenantKeys({ root: down, store: stage.keys.wrapped });
      return mustRefuse(() => fresh.load(tenantA), [code]);
    },
  })),
  {
    id: 'wrong-key/key-service/cache-ends',
    isolation: [26],
    tried: 'Loading a cached key while the key service is down, after its time to live',
    expected: 'served before, closed after',
    run: async (stage) => {
      const { tenantA } = await runKeys(stage);
      let nowMs = 0;
      let up = true;
      const root: KeyRoot = {
        ...stage.keys.root,
        unwrap: (...args) => {
          if (up) return stage.keys.root.unwrap(...args);
          throw new RingfenceError('kms_unavailable', 'the key service is down');
        },
      };
      const keys = tenantKeys({
        root,
        store: stage.keys.wrapped,
        now: () => new Date(nowMs),
        cacheTtlMs: 1_000,
      });
      await keys.load(tenantA);
      up = false;
      nowMs = 500;
      await keys.load(tenantA);
      nowMs = 1_500;
      return mustRefuse(() => keys.load(tenantA), ['kms_unavailable']);
    },
  },
];

const destroyedTenant = (stage: Stage): Promise<string> =>
  stage.once('destroyed key', async () => {
    const { tenantKeys: keys, rootKeyId } = stage.keys;
    const tenantId = canaryId();
    (await keys.create(tenantId, rootKeyId)).wipe();
    (await keys.load(tenantId)).wipe();
    await keys.destroy(tenantId);
    return tenantId;
  });
