import { changed } from './changed.js';
import type { Mutant } from './mutant.js';

const scenarios = ['half-moved-clinic'] as const;

const ENTER = 'ringfence.enter(bytea)';
const BOOK = 'ringfence_private.book(uuid,jsonb,bigint,bigint)';

/** Mutants of the fence of a move. */
export const FENCE_MUTANTS: readonly Mutant[] = [
  {
    id: 'enter-without-fence',
    removes: 'the look at the fence when somebody enters',
    isolation: [35],
    sql: changed(ENTER, `IF door.fence <> 'open' OR octet_length`, 'IF octet_length'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'enter-without-epoch',
    removes: 'the comparison of the route with the placement',
    isolation: [35],
    sql: changed(ENTER, 'substring(token FROM 63 FOR 4) < int4send(door.epoch)', 'false'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'readers-through-a-closed-fence',
    removes: 'what keeps readers out of a home that is no more',
    isolation: [35],
    sql: changed(ENTER, `door.fence IN ('open', 'closed')`, `door.fence IN ('open')`),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'enter-beside-cursors',
    removes: 'the look for cursors that a savepoint leaves when it takes back what was entered',
    isolation: [11, 35],
    sql: changed(ENTER, 'EXISTS (SELECT FROM pg_cursor()', 'false AND EXISTS (SELECT FROM pg_cursor()'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'readers-by-savepoint',
    removes: 'what finds out whether a reader stays one',
    isolation: [35],
    sql: changed('ringfence_private.require_no_savepoint()', 'PERFORM pg_export_snapshot()', 'NULL'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'commit-without-fence',
    removes: 'the look at the fence when a transaction commits',
    isolation: [35],
    sql: changed(BOOK, `t.fence IN ('read-only', 'closed')`, 'false'),
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'fence-without-attempt',
    removes: 'the fencing token of a run',
    isolation: [33, 35],
    sql: changed(
      'ringfence_private.require_move(uuid,uuid,integer)',
      'AND m.operation = moving AND m.attempt = tried',
      '',
    ),
    scenarios,
    caughtBy: 'attack',
  },
];
