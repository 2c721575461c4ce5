import { Miniflare } from 'miniflare';
import { storedEntries } from '../../targets/edge/document/edge-document.js';
import { bundle } from '../../test/targets/edge/bundle.js';
import { documentOf, entry } from '../../test/targets/edge/document.js';

const COMPATIBILITY_DATE = '2026-05-03';
const LIMIT = 10_000_000;
const LIMITS = { requestsPerSecond: LIMIT, burst: LIMIT, requestsPerMinute: LIMIT };

const worker = async (name: string) => ({
  name,
  modules: true as const,
  script: await bundle(`bench/edge/${name}-worker.ts`),
  compatibilityDate: COMPATIBILITY_DATE,
  unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
});

/** A no-op Worker, a checking one, and one that drives them, in one workerd. */
export const openWorkers = async () => {
  const runtime = new Miniflare({
    workers: [
      { ...(await worker('driver')), serviceBindings: { 'no-op': 'no-op', checking: 'checking' } },
      await worker('no-op'),
      {
        ...(await worker('checking')),
        durableObjects: { LIMITS: { className: 'TenantLimits', useSQLite: true } },
        kvNamespaces: ['TENANTS'],
        bindings: { OPERATOR_HOST: 'edge.clinics.example', OPERATOR_KEY: 'a', ORIGIN_KEY: 'b' },
      },
    ],
  });
  await runtime.ready;
  const tenants = await runtime.getKVNamespace('TENANTS', 'checking');
  const document = documentOf(entry('uno', 'https://origin.example', { limits: LIMITS }));
  for (const [host, text] of storedEntries(document)) await tenants.put(host, text);
  return {
    /** Requests without HTTP. @throws Error where one was refused. */
    drive: async (to: string, count: number, headers: Record<string, string> = {}): Promise<void> => {
      const response = await runtime.dispatchFetch(`http://driver/${to}/${count}`, { headers });
      const passed = await response.text();
      if (passed !== String(count)) throw new Error(`${to} let ${passed} of ${count} pass`);
    },
    url: (name: string) => runtime.unsafeGetDirectURL(name),
    close: () => runtime.dispose(),
  };
};
