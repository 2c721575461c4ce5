-- Up Migration

-- What Postgres gives to everyone by default and a tenant could use to reach another one.

-- Temporary tables shadow real names and carry rows between transactions of a pool.
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO ringfence_app, ringfence_tenant', current_database());
END $$;

-- Large objects, notifications, advisory locks and logical messages know no rows and so no row-level security.
-- Every tenant's sessions of a pool have one login, so what Postgres lets a login do to its own sessions (read
-- their statements, cancel and end them) is what one tenant could do to the others. A NOTIFY statement cannot
-- be revoked: the application's roles never LISTEN. The schema lint's rule session-function has the same list.
DO $$
DECLARE
  target regprocedure;
BEGIN
  FOR target IN
    SELECT oid::regprocedure FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace
       AND (proname LIKE 'lo\_%' OR proname LIKE 'pg\_%advisory%' OR proname LIKE 'pg\_stat\_get\_backend\_%'
            OR proname IN ('loread', 'lowrite', 'pg_notify', 'pg_stat_get_activity', 'pg_lock_status', 'pg_prepared_xact', 'pg_prepared_statement',
                           'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message'))
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
  END LOOP;
END $$;
REVOKE ALL ON pg_catalog.pg_stat_activity, pg_catalog.pg_largeobject_metadata, pg_catalog.pg_prepared_xacts,
  pg_catalog.pg_cursors, pg_catalog.pg_prepared_statements, pg_catalog.pg_locks FROM PUBLIC;
REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;

-- Down Migration
GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
