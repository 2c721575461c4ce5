import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Directory, Located } from '../../../../data-plane/access/directory/directory.js';
import { waitingRoom } from '../../../../data-plane/access/moves/waiting-room.js';

const AT_HOME = { clinicId: 'c', tenantId: 't', cell: 'here', epoch: 1 } as Located;

/** A directory whose answer can be changed, and that counts how often it is asked. */
const directoryOf = () => {
  let [located, asked] = [AT_HOME, 0];
  const told = new Set<(tenantId: string | undefined) => void>();
  const directory: Directory = {
    onChange: (listener) => {
      told.add(listener);
      return () => told.delete(listener);
    },
    locate: async () => {
      asked++;
      return located;
    },
    forget: () => undefined,
    close: async () => undefined,
  };
  return {
    directory,
    told,
    asked: () => asked,
    move: () => (located = { ...AT_HOME, cell: 'there', epoch: 2 }),
    hint: (tenantId: string | undefined) => {
      for (const listener of told) listener(tenantId);
    },
  };
};
/** After a hint. */
const OPENING_MS = 10;

const isDone = async (wait: Promise<void>): Promise<boolean> =>
  Promise.race([wait.then(() => true), pause(0).then(() => false)]);

describe('requests whose tenant moves', () => {
  it('wait until the route has changed, all of them, and one asks for all', async () => {
    const { directory, asked, move } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 100 });
    const first = room.wait().again(AT_HOME);
    move();
    const more = Array.from({ length: 20 }, () => room.wait().again(AT_HOME));
    await Promise.all([first, ...more]);
    expect(asked()).toBe(1);
  });

  it.each(['t', undefined])('look at once when the directory says that %s has moved', async (tenantId) => {
    const { directory, asked, move, hint } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 100 });
    const waiting = room.wait().again(AT_HOME);
    // Comes before the first look, and before the room waits for one.
    move();
    hint(tenantId);
    await waiting;
    expect(asked()).toBe(1);
  });

  it('do not look when another tenant has moved, and not after the room is closed', async () => {
    const { directory, told, asked, hint } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 100 });
    const waiting = room.wait().again(AT_HOME);
    hint('another');
    await pause(OPENING_MS);
    expect(asked()).toBe(0);
    room.close();
    expect(told.size).toBe(0);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect(room.wait().again(AT_HOME)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ask less and less often while the route stays', async () => {
    const { directory, asked } = directoryOf();
    const wait = waitingRoom(directory, { waitMs: 400, waiting: 10 }).wait();
    const again = async () => {
      for (;;) await wait.again(AT_HOME);
    };
    await expect(again()).rejects.toMatchObject({ code: 'move_wait_timeout' });
    expect(asked()).toBeLessThanOrEqual(12);
  });

  it('try one after the other while the route stays, and all at once when one of them got in', async () => {
    const { directory } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 100 });
    const tries = Array.from({ length: 50 }, () => {
      const wait = room.wait();
      return { wait, again: wait.again(AT_HOME) };
    });
    await tries[0]?.again;
    expect(await isDone(tries[49]?.again ?? Promise.resolve())).toBe(false);
    tries[0]?.wait.over();
    await Promise.all(tries.map(({ again }) => again));
    expect(room.histogram()).toMatchObject({ count: 1, refused: 0 });
  });

  it('are turned away when too many wait', async () => {
    const { directory, move } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 1 });
    const first = room.wait().again(AT_HOME);
    await expect(room.wait().again(AT_HOME)).rejects.toMatchObject({ code: 'move_wait_full' });
    move();
    await first;
    expect(room.histogram().refused).toBe(1);
  });

  it('are turned away when the wait is too long, counted from the first refusal', async () => {
    const { directory } = directoryOf();
    const wait = waitingRoom(directory, { waitMs: 30, waiting: 10 }).wait();
    const again = async () => {
      for (;;) await wait.again(AT_HOME);
    };
    await expect(again()).rejects.toMatchObject({ code: 'move_wait_timeout' });
  });

  it('end with their signal', async () => {
    const { directory } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 10 });
    const stop = new AbortController();
    void room.wait().again(AT_HOME);
    const waiting = room.wait(stop.signal).again(AT_HOME);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    // Its signal says no more that it has ended.
    await expect(room.wait(stop.signal).again(AT_HOME)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('are looked after by one, however often the room is empty meanwhile', async () => {
    const { directory, asked } = directoryOf();
    const room = waitingRoom(directory, { waitMs: 60_000, waiting: 100 });
    for (let burst = 0; burst < 20; burst++) {
      const stop = new AbortController();
      const waiting = room.wait(stop.signal).again(AT_HOME);
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    }
    const last = room.wait().again(AT_HOME);
    await last;
    expect(asked()).toBe(1);
  });
});
