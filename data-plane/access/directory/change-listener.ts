import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../../database/client.js';
import type { Connection } from '../../database/connect.js';

const PING_MS = 15_000;
const PING_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** Listens for one channel's notifications for as long as it is open. */
export interface ChangeListener {
  /** True while no notification can have been missed. */
  isListening(): boolean;
  close(): Promise<void>;
}

/**
 * @param onChange a notification's payload; undefined when some may have been missed, because the connection was lost.
 */
export const listenForChanges = (
  connection: Connection,
  channel: string,
  onChange: (payload: string | undefined) => void,
): ChangeListener => {
  const closing = new AbortController();
  let listening = false;

  const listenOnce = async (): Promise<void> => {
    const client = new Client({
      ...connection,
      application_name: 'ringfence directory',
      connectionTimeoutMillis: PING_TIMEOUT_MS,
      query_timeout: PING_TIMEOUT_MS,
      keepAlive: true,
    });
    const lost = new AbortController();
    const stop = (): void => lost.abort();
    client.on('error', stop);
    client.on('end', stop);
    client.on('notification', ({ payload }) => onChange(payload));
    closing.signal.addEventListener('abort', stop);
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      onChange(undefined);
      listening = true;
      while (!lost.signal.aborted) {
        await pause(PING_MS, undefined, { signal: lost.signal, ref: false }).catch(() => undefined);
        // A peer that vanished without a word would otherwise be trusted for hours.
        if (!lost.signal.aborted) await client.query('SELECT 1');
      }
    } finally {
      listening = false;
      closing.signal.removeEventListener('abort', stop);
      onChange(undefined);
      await client.end().catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!closing.signal.aborted) {
      const startedMs = performance.now();
      await listenOnce().catch(() => undefined);
      if (performance.now() - startedMs > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      await pause(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };
  const running = run();
  return {
    isListening: () => listening,
    close: async () => {
      closing.abort();
      await running;
    },
  };
};
