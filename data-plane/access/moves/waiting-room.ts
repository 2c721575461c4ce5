import { setTimeout as pause } from 'node:timers/promises';
import { RingfenceError } from '../../../core/errors.js';
import { cancelled } from '../cells/fair-turns.js';
import type { Directory, Located } from '../directory/directory.js';
import { type WaitCounter, type WaitHistogram, waitCounter } from './wait-histogram.js';

/** Looks at a route take processors from the move. The pause between them grows to this. */
const LONGEST_PAUSE_MS = 100;
/** At a home that is fenced: that it opens again, here or elsewhere, is hinted. */
const FENCED_PAUSE_MS = 50;
/** Who has missed the hint may find the route of a home that opens shortly. */
const OPENING_PAUSE_MS = 3;

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
 * Where requests wait while their tenant is fenced for a move. One of them looks at the route for all, at once when the directory says
 * that it has changed. That is only a hint, so it is looked at from time to time too; and a fence that was opened again changes no
 * route, so one request a look tries to enter.
 */
export interface WaitingRoom {
  wait(signal?: AbortSignal): Wait;
  histogram(): WaitHistogram;
  /** Turns away who waits, and who comes. */
  close(): void;
}

interface Gate {
  readonly waiting: Set<() => void>;
  isLooking: boolean;
  /** The route has changed since the last look. */
  isHinted: boolean;
  /** Looks at the route at once. */
  hint: () => void;
}

export const waitingRoom = (directory: Directory, limits: WaitingRoomLimits): WaitingRoom => {
  const gates = new Map<string, Gate>();
  const counter = waitCounter();
  const refusals = new Set<() => void>();
  let isClosed = false;

  const open = (tenantId: string): void => {
    for (const resume of gates.get(tenantId)?.waiting ?? []) resume();
  };

  const endHints = directory.onChange?.((tenantId) => {
    for (const [id, gate] of gates)
      if (tenantId === undefined || tenantId === id) {
        gate.isHinted = true;
        gate.hint();
      }
  });

  const look = async (gate: Gate, located: Located, firstPauseMs: number): Promise<void> => {
    const { clinicId, tenantId } = located;
    gate.isLooking = true;
    for (let pauseMs = firstPauseMs; gate.waiting.size > 0; pauseMs = longer(pauseMs)) {
      await untilHint(gate, pauseMs);
      directory.forget(clinicId);
      const found = await directory.locate(clinicId).catch(() => undefined);
      if (found && !isSameRoute(found, located)) break;
      const [next] = gate.waiting;
      next?.();
    }
    gates.delete(tenantId);
    for (const resume of gate.waiting) resume();
  };

  const gateOf = (located: Located): Gate => {
    const known = gates.get(located.tenantId);
    if (known) return known;
    const gate: Gate = { waiting: new Set(), isLooking: false, isHinted: false, hint: () => undefined };
    gates.set(located.tenantId, gate);
    return gate;
  };

  const join = (
    located: Located,
    { leftMs, pauseMs }: Turn,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const gate = gateOf(located);
    if (gate.waiting.size >= limits.waiting) return Promise.reject(full(limits.waiting));
    if (isClosed || signal?.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        gate.waiting.delete(resume);
        refusals.delete(onAbort);
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
      refusals.add(onAbort);
      if (!gate.isLooking) void look(gate, located, pauseMs);
    });
  };

  return {
    histogram: counter.read,
    close: () => {
      isClosed = true;
      endHints?.();
      for (const refuse of refusals) refuse();
    },
    wait: (signal) =>
      oneWait({ counter, limits, open, join: (located, turn) => join(located, turn, signal) }),
  };
};

const isSameRoute = (one: Located, other: Located): boolean =>
  one.cell === other.cell && one.epoch === other.epoch;

const longer = (pauseMs: number): number => Math.min(2 * pauseMs, LONGEST_PAUSE_MS);

const untilHint = async (gate: Gate, pauseMs: number): Promise<void> => {
  if (!gate.isHinted) {
    const hinted = new AbortController();
    gate.hint = () => hinted.abort();
    await pause(pauseMs, undefined, { signal: hinted.signal }).catch(() => undefined);
  }
  gate.isHinted = false;
  gate.hint = () => undefined;
};

/** One stay of a request in the room. */
interface Turn {
  /** Of its whole wait. */
  readonly leftMs: number;
  /** Until the first look. */
  readonly pauseMs: number;
}

interface WaitOptions {
  readonly counter: WaitCounter;
  readonly limits: WaitingRoomLimits;
  readonly open: (tenantId: string) => void;
  readonly join: (located: Located, turn: Turn) => Promise<void>;
}

const oneWait = ({ counter, limits, open, join }: WaitOptions): Wait => {
  let since: { readonly tenantId: string; readonly ms: number } | undefined;
  let last: { readonly located: Located; readonly pauseMs: number } | undefined;
  const pauseBefore = (located: Located): number => {
    if (last === undefined) return FENCED_PAUSE_MS;
    return isSameRoute(last.located, located) ? longer(last.pauseMs) : OPENING_PAUSE_MS;
  };
  return {
    again: async (located) => {
      since ??= { tenantId: located.tenantId, ms: performance.now() };
      last = { located, pauseMs: pauseBefore(located) };
      try {
        await join(located, {
          leftMs: since.ms + limits.waitMs - performance.now(),
          pauseMs: last.pauseMs,
        });
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
