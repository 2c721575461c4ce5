import type { Miniflare, MiniflareOptions } from 'miniflare';
import { RingfenceError } from '../../core/errors.js';
import { type EdgeDocument, storedEntries } from './document/edge-document.js';
import { BINDINGS, COMPATIBILITY_DATE, type EdgeKeys, LIMITS_CLASS } from './worker-settings.js';

/** Runs workerd, the runtime of the edge. Only who runs an edge on this machine installs it. */
const LOCAL_RUNTIME = 'miniflare@4.20260426.0';

export interface LocalEdgeOptions {
  readonly document: EdgeDocument;
  /** Text of the Worker. */
  readonly script: string;
  readonly keys: EdgeKeys;
  /** 0 for any that is free. */
  readonly port: number;
  /** A folder for what objects store; in memory without one. */
  readonly storage?: string;
}

/** An edge on the loopback interface. */
export interface LocalEdge {
  readonly url: URL;
  close(): Promise<void>;
}

/** @throws RingfenceError `config_invalid` where the runtime is not installed, `port_taken`. */
export const openLocalEdge = async (options: LocalEdgeOptions): Promise<LocalEdge> => {
  const { Miniflare } = await localRuntime();
  const edge = new Miniflare(localEdgeOptions(options));
  try {
    const url = await edge.ready;
    await configure(edge, options.document);
    return { url, close: () => edge.dispose() };
  } catch (cause) {
    await edge.dispose().catch(() => undefined);
    throw new RingfenceError('port_taken', `the edge does not start on port ${options.port}`, {
      fix: 'choose another with --port',
      cause,
    });
  }
};

/** What the runtime is started with. */
export const localEdgeOptions = ({
  document,
  script,
  keys,
  port,
  storage,
}: LocalEdgeOptions): MiniflareOptions => ({
  name: 'ringfence-edge',
  host: '127.0.0.1',
  port,
  modules: true,
  script,
  compatibilityDate: COMPATIBILITY_DATE,
  durableObjects: { [BINDINGS.limits]: { className: LIMITS_CLASS, useSQLite: true } },
  durableObjectsPersist: storage ?? false,
  kvNamespaces: [BINDINGS.tenants],
  bindings: {
    [BINDINGS.operatorHost]: document.operatorHost,
    [BINDINGS.operatorKey]: keys.operator,
    [BINDINGS.originKey]: keys.origin,
  },
});

const configure = async (edge: Miniflare, document: EdgeDocument): Promise<void> => {
  const tenants = await edge.getKVNamespace(BINDINGS.tenants);
  for (const [host, entry] of storedEntries(document)) await tenants.put(host, entry);
};

const localRuntime = async (): Promise<typeof import('miniflare')> => {
  try {
    return await import('miniflare');
  } catch (cause) {
    throw new RingfenceError('config_invalid', 'the runtime of the edge is not installed', {
      fix: `install it with \`npm install --save-dev --save-exact ${LOCAL_RUNTIME}\``,
      cause,
    });
  }
};
