import type { NotCovered } from './case.js';

/** What no case tries, said as plainly as what they try. Nothing here counts as held. */
export const NOT_COVERED: readonly NotCovered[] = [
  {
    status: 'known limit',
    isolation: [8],
    scenario: 'whisper',
    what: 'How many rows all clinics of a cell have together',
    why: 'Whoever can run any SQL as the application can learn it from EXPLAIN ANALYZE, from the sizes of tables and from the counters of pg_stat_user_tables, which Postgres cannot withhold. Rows, values and the count of a single clinic stay hidden; the access library shows none of these to users.',
  },
  {
    status: 'known limit',
    isolation: [14],
    scenario: 'side-door',
    what: 'NOTIFY as a statement',
    why: 'Postgres cannot withhold it. The function pg_notify is withheld, and the application never listens.',
  },
  {
    status: 'known limit',
    isolation: [19],
    scenario: 'side-door',
    what: 'Locking a whole table (LOCK TABLE)',
    why: 'Whoever may update a table may lock it. The login is limited by time-outs; how much neighbours notice is measured by the benchmarks, not here.',
  },
  {
    status: 'known limit',
    isolation: [9],
    scenario: 'whisper',
    what: "The server's own log files",
    why: 'They are not read by this test.',
  },
  {
    status: 'tried elsewhere',
    isolation: [20],
    scenario: 'forged-badge',
    what: 'Hostile JSON web tokens',
    why: 'The access library refuses them before a database is reached; its own tests show them to it.',
  },
  {
    status: 'tried elsewhere',
    isolation: [36],
    scenario: 'ghost-tenant',
    what: 'Differencing published figures against each other',
    why: 'It needs figures of many clinics; the tests of the analytics plan such attacks on invented ones. Here only the right to write or withdraw a figure is attacked.',
  },
  {
    status: 'not applicable yet',
    isolation: [15],
    scenario: 'side-door',
    what: 'Rows of others in a logical replication',
    why: 'No replication is part of the product yet. That applications cannot start one is tried.',
  },
  {
    status: 'not applicable yet',
    isolation: [21],
    scenario: 'half-moved-clinic',
    what: 'Decisions that read a stale replica',
    why: 'There are no replicas yet.',
  },
  {
    status: 'not applicable yet',
    isolation: [25],
    scenario: 'ghost-tenant',
    what: 'The certificate of an erasure, with its two dates',
    why: 'Removing a tenant keeps its key and backups; erasure is not one operation yet. Its parts (withdrawal, destruction of the key, deletion of archives) are tried one by one.',
  },
  {
    status: 'not applicable yet',
    isolation: [31],
    scenario: 'poisoned-lifeboat',
    what: 'Object locks that outlive the erasure promise',
    why: 'Local object stores have no locks.',
  },
  {
    status: 'not applicable yet',
    isolation: [34],
    scenario: 'half-moved-clinic',
    what: 'The region that a provider reports after creation',
    why: 'Local cells run on this machine; nobody reports a region.',
  },
  {
    status: 'not applicable yet',
    isolation: [35],
    scenario: 'half-moved-clinic',
    what: 'A move between cells that is killed at every step',
    why: 'Moves between cells are not part of the product yet. What they are made of (enrolment, withdrawal, backup, restore) is tried.',
  },
];
