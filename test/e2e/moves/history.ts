/** The tables that the writers use: tables of the application's own, to be made in both cells. */
export const SHOP = `
  CREATE SCHEMA shop AUTHORIZATION ringfence_owner;
  CREATE TABLE shop.marks (clinic_id uuid NOT NULL, id uuid, writer text NOT NULL, n integer NOT NULL, PRIMARY KEY (clinic_id, id));
  CREATE TABLE shop.counters (clinic_id uuid NOT NULL, name text, value integer NOT NULL, PRIMARY KEY (clinic_id, name));
  CREATE TABLE shop.latest (clinic_id uuid NOT NULL, writer text, n integer NOT NULL, PRIMARY KEY (clinic_id, writer));
  CREATE TABLE shop.passing (clinic_id uuid NOT NULL, writer text, n integer, PRIMARY KEY (clinic_id, writer, n));
  ALTER TABLE shop.marks OWNER TO ringfence_owner;
  ALTER TABLE shop.counters OWNER TO ringfence_owner;
  ALTER TABLE shop.latest OWNER TO ringfence_owner;
  ALTER TABLE shop.passing OWNER TO ringfence_owner;
  SELECT ringfence.protect('shop.marks'), ringfence.protect('shop.counters'), ringfence.protect('shop.latest'), ringfence.protect('shop.passing');`;

/** What a reader sees at once. */
export interface Seen {
  readonly counter: number;
  /** The last number of each writer. */
  readonly latest: Readonly<Record<string, number>>;
}

/** A line of a history. Times are milliseconds of the machine's monotonic clock, which all processes share. */
export type HistoryEvent =
  | {
      readonly kind: 'write';
      readonly writer: string;
      readonly id: string;
      readonly n: number;
      readonly beganMs: number;
      readonly endedMs: number;
      /** Absent for one that was acknowledged. */
      readonly error?: string;
    }
  | {
      readonly kind: 'read';
      readonly by: string;
      readonly beganMs: number;
      readonly endedMs: number;
      readonly seen?: Seen;
      readonly error?: string;
    };

/** The rows of the tenant at its home, when nobody writes any more. */
export interface Kept {
  readonly marks: readonly { readonly id: string; readonly writer: string; readonly n: number }[];
  readonly counter: number;
  readonly latest: Readonly<Record<string, number>>;
  readonly passing: readonly { readonly writer: string; readonly n: number }[];
}

/** After these errors nothing was saved, by what the library promises. */
const NOT_SAVED = new Set([
  'tenant_moving',
  'move_wait_timeout',
  'move_wait_full',
  'access_refused',
  'clinic_inactive',
]);

/**
 * Holds a history against the rows that are left.
 * @param allowed codes that the faults of the test may cause.
 * @returns what is wrong, in words; empty for nothing.
 */
export const checkHistory = (
  history: readonly HistoryEvent[],
  kept: Kept,
  allowed: readonly string[] = [],
): string[] => [...unexpected(history, allowed), ...checkWrites(history, kept), ...checkReads(history)];

const unexpected = (history: readonly HistoryEvent[], allowed: readonly string[]): string[] => [
  ...new Set(
    history.flatMap(({ kind, error }) =>
      error === undefined || allowed.includes(error) ? [] : [`a ${kind} failed with ${error}`],
    ),
  ),
];

const checkWrites = (
  history: readonly HistoryEvent[],
  { marks, counter, latest, passing }: Kept,
): string[] => {
  const found: string[] = [];
  const saved = new Map<string, number>();
  for (const { id } of marks) saved.set(id, (saved.get(id) ?? 0) + 1);
  const last = new Map<string, number>();
  for (const event of history) {
    if (event.kind !== 'write') continue;
    const times = saved.get(event.id) ?? 0;
    saved.delete(event.id);
    const name = `write ${event.n} of ${event.writer}`;
    if (times > 1) found.push(`${name} is there ${times} times`);
    if (event.error === undefined && times === 0) found.push(`${name} was acknowledged, and is lost`);
    if (event.error !== undefined && NOT_SAVED.has(event.error) && times > 0)
      found.push(`${name} was refused (${event.error}), and is there`);
    if (times > 0) last.set(event.writer, Math.max(event.n, last.get(event.writer) ?? 0));
  }
  for (const id of saved.keys()) found.push(`nobody wrote ${id}`);
  if (counter !== marks.length) found.push(`the counter is ${counter}, and there are ${marks.length} writes`);
  for (const [writer, n] of last) {
    if (latest[writer] !== n) found.push(`the last of ${writer} is ${latest[writer]}, not ${n}`);
    const left = passing.filter((row) => row.writer === writer).map((row) => row.n);
    if (left.join() !== String(n)) found.push(`${writer} left ${left.join() || 'nothing'} and not ${n}`);
  }
  return found;
};

/** A read sees every write that was acknowledged, and all that was seen, before it began. */
const checkReads = (history: readonly HistoryEvent[]): string[] => {
  const found: string[] = [];
  const known = history
    .flatMap((event) => {
      if (event.error !== undefined) return [];
      if (event.kind === 'write')
        return [{ endedMs: event.endedMs, counter: 0, latest: { [event.writer]: event.n } }];
      return event.seen ? [{ endedMs: event.endedMs, ...event.seen }] : [];
    })
    .sort((one, other) => one.endedMs - other.endedMs);
  const reads = history
    .flatMap((event) => (event.kind === 'read' && event.seen ? [{ ...event, seen: event.seen }] : []))
    .sort((one, other) => one.beganMs - other.beganMs);
  const floor: { counter: number; latest: Record<string, number> } = { counter: 0, latest: {} };
  let at = 0;
  for (const { by, beganMs, seen } of reads) {
    for (let next = known[at]; next && next.endedMs < beganMs; next = known[++at]) {
      floor.counter = Math.max(floor.counter, next.counter);
      for (const [writer, n] of Object.entries(next.latest))
        floor.latest[writer] = Math.max(floor.latest[writer] ?? 0, n);
    }
    if (seen.counter < floor.counter)
      found.push(`a read of ${by} went back: the counter was ${seen.counter} after ${floor.counter}`);
    for (const [writer, n] of Object.entries(floor.latest))
      if ((seen.latest[writer] ?? 0) < n)
        found.push(`a read of ${by} went back: ${writer} was at ${seen.latest[writer] ?? 0} after ${n}`);
  }
  return found.slice(0, 5);
};

/** How much a history has, in words. */
export const countHistory = (history: readonly HistoryEvent[]): string => {
  const writes = history.filter(({ kind }) => kind === 'write');
  const count = (events: readonly HistoryEvent[]) => events.filter(({ error }) => error === undefined).length;
  const waits = history.map(({ beganMs, endedMs }) => endedMs - beganMs).sort((one, other) => other - one);
  const errors = new Map<string, number>();
  for (const { error } of history) if (error) errors.set(error, (errors.get(error) ?? 0) + 1);
  return [
    `${count(writes)} writes`,
    `${count(history) - count(writes)} reads`,
    `longest ${Math.round(waits[0] ?? 0)} ms`,
    ...[...errors].map(([code, times]) => `${times} ${code}`),
  ].join(', ');
};
