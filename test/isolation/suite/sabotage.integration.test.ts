import { describe, expect, it } from 'vitest';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { memoryKeys } from '../../../isolation/suite/memory-keys.js';
import { runSuite, type ScenarioName, type SuiteKeys } from '../../../isolation/suite/run-suite.js';
import { TEST_CONTEXT_KEY, useDatabase } from '../../support/cell-database.js';

/** Keys and objects of a deployment with one fault each. */
const FAULTS: ReadonlyArray<
  readonly [string, ScenarioName, (sound: SuiteKeys) => SuiteKeys, readonly string[]]
> = [
  [
    'the key service opens a wrapped key under any context',
    'wrong-key',
    (sound) => {
      const contexts = new Map<string, Parameters<SuiteKeys['root']['wrap']>[2]>();
      return withRoot(sound, {
        ...sound.root,
        wrap: async (root, key, context) => {
          const wrapped = await sound.root.wrap(root, key, context);
          contexts.set(wrapped.toString('hex'), context);
          return wrapped;
        },
        unwrap: (root, wrapped, context) =>
          sound.root.unwrap(root, wrapped, contexts.get(wrapped.toString('hex')) ?? context),
      });
    },
    [
      'wrong-key/wrapped/other-tenant',
      'wrong-key/wrapped/other-version',
      'wrong-key/wrapped/personal-context',
    ],
  ],
  [
    'a destroyed key stays in the store',
    'wrong-key',
    (sound) => {
      const wrapped = { ...sound.wrapped, markDestroyed: async () => undefined };
      return { ...sound, wrapped, tenantKeys: tenantKeys({ root: sound.root, store: wrapped }) };
    },
    ['wrong-key/tenant-key/destroyed', 'wrong-key/tenant-key/bytes-left', 'wrong-key/tenant-key/shredded'],
  ],
  [
    'every tenant has the same key',
    'wrong-key',
    (sound) => withRoot(sound, { ...sound.root, unwrap: async () => Buffer.alloc(32, 7) }),
    ['wrong-key/tenant-key/distinct'],
  ],
  [
    'objects stay when they are deleted',
    'ghost-tenant',
    (sound) => ({ ...sound, objects: { ...sound.objects, delete: async () => undefined } }),
    ['ghost-tenant/backup/listed'],
  ],
];

const withRoot = (sound: SuiteKeys, root: SuiteKeys['root']): SuiteKeys => ({
  ...sound,
  root,
  tenantKeys: tenantKeys({ root, store: sound.wrapped }),
});

describe('the attack suite on a deployment whose keys or objects are not sound', () => {
  const db = useDatabase();

  it.each(FAULTS)('finds that %s', async (_, scenario, sabotage, ids) => {
    const target = {
      admin: db.connection,
      app: db.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
    };
    const report = await runSuite({ ...target, keys: sabotage(memoryKeys()) }, { scenarios: [scenario] });
    const leaked = report.cases.filter(({ verdict }) => verdict === 'leaked').map(({ id }) => id);
    expect(leaked).toEqual(expect.arrayContaining([...ids]));
  });

  it('proves nothing where no sound backup can be read back', async () => {
    const keys = memoryKeys();
    const objects = { ...keys.objects, get: () => Promise.reject(new Error('the store is broken')) };
    const target = {
      admin: db.connection,
      app: db.appConnection,
      contextKey: TEST_CONTEXT_KEY,
      now: () => new Date(),
    };
    const report = await runSuite(
      { ...target, keys: { ...keys, objects } },
      { scenarios: ['poisoned-lifeboat'] },
    );
    expect([...new Set(report.cases.map(({ verdict }) => verdict))]).toEqual(['unproven']);
  });
});
