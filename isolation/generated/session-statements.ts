import type { StaffedClinic } from './ground.js';

/** Statements that would write the context, or take rights that the application lacks. Each must be refused. */
export const forgeriesOf = (victim: StaffedClinic): readonly string[] => {
  const context = `${victim.clinicId.replaceAll('-', '')}_${'0'.repeat(32)}_w_service`;
  return [
    `SET backtrace_functions = '${context}'`,
    `SET LOCAL backtrace_functions = '${context}'`,
    `SELECT set_config('backtrace_functions', '${context}', true)`,
    `SELECT set_config('backtrace_functions', '${context}', false)`,
    `RESET backtrace_functions`,
    `ALTER ROLE CURRENT_USER SET backtrace_functions = '${context}'`,
    `UPDATE pg_settings SET setting = '${context}' WHERE name = 'backtrace_functions'`,
    'SET ROLE ringfence_gate',
    'SET LOCAL ROLE ringfence_owner',
    'SET SESSION AUTHORIZATION ringfence_owner',
    'SELECT FROM ringfence_private.context_keys',
    'SELECT FROM ringfence.tenants',
    'SELECT FROM ringfence_private.assignments',
    'CREATE TEMP TABLE generated_rows (id uuid)',
    `CREATE FUNCTION pg_temp.generated() RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT ringfence.current_clinic()'`,
    'SELECT pg_advisory_lock(7)',
    'SELECT pg_terminate_backend(pg_backend_pid())',
    `SELECT pg_notify('generated', 'row')`,
    `SELECT lo_from_bytea(0, '\\x00')`,
  ];
};

/** Statements by which the application may change its session, without a gain. */
export const SESSION_STATEMENTS = [
  'RESET ALL',
  'DISCARD ALL',
  'DISCARD PLANS',
  'SET row_security = off',
  'SET row_security = on',
  'SET plan_cache_mode = force_generic_plan',
  'SET plan_cache_mode = auto',
  'SET search_path = clinical, ringfence',
  'SET enable_seqscan = off',
  'RESET ROLE',
  'RESET SESSION AUTHORIZATION',
  'SET LOCAL transaction_read_only = on',
  'DEALLOCATE ALL',
  'LISTEN generated',
] as const;
