import { randomBytes } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { type EdgeDocument, edgeDocument } from '../../targets/edge/document/edge-document.js';
import { openLocalEdge } from '../../targets/edge/local-edge.js';
import { workerScript } from '../../targets/edge/worker-script.js';

const KEY_BYTES = 24;

/** Where each tenant can be reached on this machine without a resolver. */
const LOCAL_DOMAIN = 'localhost';

export interface LocalRun {
  readonly port: number;
  /** Instead of the origins of the cells. */
  readonly origin?: string | undefined;
  /** Ends the edge. */
  readonly signal: AbortSignal;
  /** Is told once the edge answers. */
  readonly onOpen: (opened: { readonly url: URL; readonly operatorKey: string }) => void;
}

/**
 * Runs the edge on the loopback interface until `signal`. Each tenant is at `<slug>.localhost` too. Its keys are new at every
 * start, and it counts anew.
 * @throws RingfenceError `usage` for an origin that is none; as `openLocalEdge`.
 */
export const runLocalEdge = async (document: EdgeDocument, run: LocalRun): Promise<void> => {
  const keys = { operator: newKey(), origin: newKey() };
  const script = workerScript('local');
  const edge = await openLocalEdge({
    document: onThisMachine(document, run.origin),
    script,
    keys,
    port: run.port,
  });
  try {
    run.onOpen({ url: edge.url, operatorKey: keys.operator });
    if (!run.signal.aborted)
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await edge.close();
  }
};

const newKey = (): string => randomBytes(KEY_BYTES).toString('base64url');

const onThisMachine = (document: EdgeDocument, origin: string | undefined): EdgeDocument => {
  const parsed = edgeDocument.safeParse({
    ...document,
    tenants: document.tenants.map((entry) => ({
      ...entry,
      hosts: [`${entry.tenant}.${LOCAL_DOMAIN}`, ...entry.hosts],
      origin: origin ?? entry.origin,
    })),
    closed: document.closed.map((entry) => ({
      ...entry,
      hosts: entry.hosts.length === 0 ? [] : [`${entry.tenant}.${LOCAL_DOMAIN}`, ...entry.hosts],
    })),
  });
  if (parsed.success) return parsed.data;
  throw new RingfenceError('usage', `${origin} is not an origin`, {
    fix: 'allowed: https://host, or http://127.0.0.1:port, without a path',
  });
};
