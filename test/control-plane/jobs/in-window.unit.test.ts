import { describe, expect, it } from 'vitest';
import { inWindow, type Waiting } from '../../../control-plane/jobs/in-window.js';
import type { TaskContext } from '../../../control-plane/jobs/task.js';

const NOW = new Date('2026-11-23T00:00:00Z');
const WINDOW = { weekday: 'sunday', start: '03:00', durationMinutes: 60, timeZone: 'UTC' } as const;

const run = async (changes: Partial<Waiting>, now = NOW) => {
  const lines: string[] = [];
  const postponed: string[] = [];
  let worked = 0;
  const context = { runtime: { now: () => now }, say: (line: string) => lines.push(line) };
  const waiting = {
    what: 'a job',
    windows: [WINDOW],
    dueBy: new Date('2026-12-07T00:00:00Z'),
    isRetry: false,
    postpone: async (at: Date) => void postponed.push(at.toISOString()),
    ...changes,
  };
  await inWindow(context as unknown as TaskContext, waiting, async () => void worked++);
  return { lines, postponed, worked };
};

describe('A job that can wait', () => {
  it('is put into the queue for its window, which the log names', async () => {
    expect(await run({})).toEqual({
      lines: ['a job waits for its maintenance window: 2026-11-29T03:00:00.000Z'],
      postponed: ['2026-11-29T03:00:00.000Z'],
      worked: 0,
    });
  });

  it('runs in its window, and again at once when it failed there', async () => {
    const inside = new Date('2026-11-29T03:59:00Z');
    expect(await run({}, inside)).toEqual({ lines: [], postponed: [], worked: 1 });
    expect(await run({ isRetry: true }, new Date('2026-11-29T04:01:00Z'))).toMatchObject({ worked: 1 });
  });

  it('runs outside of it rather than overdue, which the log says', async () => {
    expect(await run({ dueBy: new Date('2026-11-28T00:00:00Z') })).toEqual({
      lines: ['a job does not wait for its maintenance window: it would be overdue by then'],
      postponed: [],
      worked: 1,
    });
  });
});
