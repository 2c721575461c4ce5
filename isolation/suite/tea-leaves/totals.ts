import type { RefusedStatement } from '../statement.js';

const total = (id: string, tried: string, sql: string): RefusedStatement => ({
  id: `total/${id}`,
  isolation: [8, 40],
  tried,
  sql,
});

/** Cases on totals of all tenants, from which a tenant could subtract its own, and on lists of tenants. */
export const TOTALS: readonly RefusedStatement[] = [
  total(
    'rows',
    'Reading how many rows a table has for the planner',
    `SELECT reltuples FROM pg_class WHERE relname = 'patients'`,
  ),
  total('pages', 'Reading how many pages it has', `SELECT relpages FROM pg_class WHERE relname = 'patients'`),
  total(
    'whole-row',
    'Reading the whole row of the catalogue',
    `SELECT c FROM pg_class c WHERE relname = 'patients'`,
  ),
  total('statistics', 'Reading samples of values', 'SELECT * FROM pg_stats'),
  total('counters', 'Reading how many rows were written', 'SELECT n_tup_ins FROM pg_stat_user_tables'),
  total(
    'counter-function',
    'The same by the function beneath',
    `SELECT pg_stat_get_live_tuples('clinical.patients'::regclass)`,
  ),
  total('size', 'Reading the size of a table', `SELECT pg_relation_size('clinical.patients')`),
  total(
    'total-size',
    'Reading its size with its indexes',
    `SELECT pg_total_relation_size('clinical.patients')`,
  ),
  total('database-size', 'Reading the size of the database', 'SELECT pg_database_size(current_database())'),
  total('wal', 'Reading how much everybody writes', 'SELECT pg_current_wal_lsn()'),
  total('roles', 'Listing the logins of all tenants', 'SELECT rolname, rolconnlimit FROM pg_roles'),
  total('users', 'The same by another view', 'SELECT usename FROM pg_user'),
  total('memberships', 'Listing which logins are tenants', 'SELECT * FROM pg_auth_members'),
  total('role-settings', "Listing the logins' time limits", 'SELECT * FROM pg_db_role_setting'),
  total('publications', 'Listing which clinics are being moved', 'SELECT * FROM pg_publication_tables'),
];
