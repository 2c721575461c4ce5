import { Miniflare, type WorkerOptions } from 'miniflare';
import { type EdgeDocument, storedEntries } from '../../../targets/edge/document/edge-document.js';
import { localEdgeOptions } from '../../../targets/edge/local-edge.js';
import { bundle } from './bundle.js';

const KEYS = { operator: 'operator-key', origin: 'origin-key' };

/** Workers of one workerd, each an isolate of its own, which share the objects and the configuration. */
export const openIsolates = async (document: EdgeDocument, count: number, storage: string) => {
  const script = await bundle('test/targets/edge/worker-that-restarts.ts');
  const { host, port, durableObjectsPersist, ...worker } = localEdgeOptions({
    document,
    script,
    keys: KEYS,
    port: 0,
    storage,
  }) as WorkerOptions & Record<'host' | 'port' | 'durableObjectsPersist', unknown>;
  const shared = { className: 'TenantLimits', scriptName: 'isolate-0', useSQLite: true };
  const workers = Array.from({ length: count }, (_, at) => ({
    ...worker,
    name: `isolate-${at}`,
    ...(at > 0 ? { durableObjects: { LIMITS: shared } } : {}),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  }));
  const options = { host, port, durableObjectsPersist, workers } as ConstructorParameters<
    typeof Miniflare
  >[0];

  const start = async () => {
    const edge = new Miniflare(options);
    await edge.ready;
    const tenants = await edge.getKVNamespace('TENANTS', 'isolate-0');
    for (const [name, entry] of storedEntries(document)) await tenants.put(name, entry as string);
    const urls = await Promise.all(workers.map(({ name }) => edge.unsafeGetDirectURL(name)));
    return { edge, urls };
  };

  let running = await start();
  return {
    urls: () => running.urls,
    /** Ends one tenant's object; its isolates go on. */
    restartObject: async (tenant: string): Promise<void> => {
      await running.edge.dispatchFetch(`http://edge/restart/${encodeURIComponent(`eu:${tenant}`)}`);
    },
    /** Ends the runtime: the isolates, and with them what they had leased. */
    restart: async (): Promise<void> => {
      await running.edge.dispose();
      running = await start();
    },
    close: () => running.edge.dispose(),
  };
};
