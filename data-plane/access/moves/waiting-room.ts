import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { cancelled } from '../cells/fair-turns.js';
import type { Directory, Located } from '../directory/directory.js';
import { type WaitCounter, type WaitHistogram, waitCounter } from './wait-histogram.js';

/** The time between two looks at the route of a tenant that moves. */
const LOOK_EVERY_MS = 5;

export interface WaitingRoomLimits {
  /** Longest wait of one request. */
  readonly waitMs: number;
  /** Requests of one tenant that may wait. */
  readonly waiting: number;
}

/** The wait of one request, whose transactions were refused before they began. */
interface Wait {
  /**
   * Waits until the tenant may be open again: its route has changed, or it is this request's turn to try.
   * @throws RingfenceError `move_wait_full`, `move_wait_timeout`, `cancelled`.
   */
  again(located: Located): Promise<void>;
  /** The request got in. All others of the tenant try at once. */
  over(): void;
}

/**
 * Where requests wait while their tenant is fenced for a move. One of them looks at the route for all. A notification is only a
 * hint, so the directory is asked; and a fence that was opened again changes no route, so one request a look tries to enter.
 */
export interface WaitingRoom {
  wait(signal?: AbortSignal): Wait;
  histogram(): WaitHistogram;
}

interface Gate {
  readonly waiting: Set<() => void>;
}

export const waitingRoom = (directory: Directory, limits: WaitingRoomLimits): WaitingRoom => {
  const gates = new Map<string, Gate>();
  const counter = waitCounter();

  const open = (tenantId: string): void => {
    for (const resume of gates.get(tenantId)?.waiting ?? []) resume();
  };

  const look = async (gate: Gate, { clinicId, tenantId, cell, epoch }: Located): Promise<void> => {
    while (gate.waiting.size > 0) {
      await pause(LOOK_EVERY_MS);
      directory.forget(clinicId);
      const found = await directory.locate(clinicId).catch(() => undefined);
      if (found && (found.cell !== cell || found.epoch !== epoch)) break;
      const [next] = gate.waiting;
      next?.();
    }
    if (gates.get(tenantId) === gate) gates.delete(tenantId);
    for (const resume of gate.waiting) resume();
  };

  const gateOf = (located: Located): Gate => {
    const known = gates.get(located.tenantId);
    if (known) return known;
    const gate: Gate = { waiting: new Set() };
    gates.set(located.tenantId, gate);
    return gate;
  };

  const join = (located: Located, leftMs: number, signal: AbortSignal | undefined): Promise<void> => {
    const gate = gateOf(located);
    if (gate.waiting.size >= limits.waiting) return Promise.reject(full(limits.waiting));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        gate.waiting.delete(resume);
      };
      const resume = (): void => {
        leave();
        resolve();
      };
      const refuse = (error: RingfenceError): void => {
        leave();
        reject(error);
      };
      const onAbort = (): void => refuse(cancelled());
      const timer = setTimeout(() => refuse(tooLong(limits.waitMs)), Math.max(0, leftMs));
      signal?.addEventListener('abort', onAbort, { once: true });
      gate.waiting.add(resume);
      if (gate.waiting.size === 1) void look(gate, located);
    });
  };

  return {
    histogram: counter.read,
    wait: (signal) =>
      oneWait({ counter, limits, open, join: (located, leftMs) => join(located, leftMs, signal) }),
  };
};

interface WaitOptions {
  readonly counter: WaitCounter;
  readonly limits: WaitingRoomLimits;
  readonly open: (tenantId: string) => void;
  readonly join: (located: Located, leftMs: number) => Promise<void>;
}

const oneWait = ({ counter, limits, open, join }: WaitOptions): Wait => {
  let since: { readonly tenantId: string; readonly ms: number } | undefined;
  return {
    again: async (located) => {
      since ??= { tenantId: located.tenantId, ms: performance.now() };
      try {
        await join(located, since.ms + limits.waitMs - performance.now());
      } catch (error) {
        counter.refused();
        throw error;
      }
    },
    over: () => {
      if (since === undefined) return;
      counter.waited(performance.now() - since.ms);
      open(since.tenantId);
      since = undefined;
    },
  };
};

const full = (waiting: number): RingfenceError =>
  new RingfenceError(
    'move_wait_full',
    `the tenant is being moved, and ${waiting} of its requests wait already`,
    {
      fix: 'try again shortly; nothing was saved',
    },
  );

const tooLong = (waitMs: number): RingfenceError =>
  new RingfenceError(
    'move_wait_timeout',
    `the tenant is being moved, and was not open again within ${waitMs} ms`,
    {
      fix: 'try again shortly; nothing was saved',
    },
  );
