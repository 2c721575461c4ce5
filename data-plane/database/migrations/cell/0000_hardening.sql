-- Up Migration

-- What Postgres gives to everyone by default and a tenant could use to reach another one.

-- A managed cell is one whose provider keeps the superuser to itself (Amazon RDS). Its administrator owns the database, has
-- CREATEROLE, and works as the roles that it makes; managed-cell.sql has the rest of the difference.
CREATE FUNCTION ringfence_private.is_managed() RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT r.rolsuper FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()
$$;
DO $$ BEGIN
  IF ringfence_private.is_managed() THEN
    EXECUTE format('GRANT ringfence_owner, ringfence_gate TO %I WITH INHERIT TRUE, SET TRUE', current_user);
    -- To prove isolation as the application, and for nothing else.
    EXECUTE format('GRANT ringfence_app TO %I WITH INHERIT FALSE, SET TRUE', current_user);
  END IF;
END $$;

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
  -- What the provider's superuser owns, nobody else can take away.
  IF ringfence_private.is_managed() THEN
    RETURN;
  END IF;
  FOR target IN
    SELECT oid::regprocedure FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace
       AND (proname LIKE 'lo\_%' OR proname LIKE 'pg\_%advisory%' OR proname LIKE 'pg\_stat\_get\_backend\_%'
            OR proname IN ('loread', 'lowrite', 'pg_notify', 'pg_stat_get_activity', 'pg_lock_status', 'pg_prepared_xact', 'pg_prepared_statement',
                           'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message'))
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
  END LOOP;
  REVOKE ALL ON pg_catalog.pg_stat_activity, pg_catalog.pg_largeobject_metadata, pg_catalog.pg_prepared_xacts,
    pg_catalog.pg_cursors, pg_catalog.pg_prepared_statements, pg_catalog.pg_locks FROM PUBLIC;
  REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
END $$;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;

-- Down Migration
DROP FUNCTION ringfence_private.is_managed();
GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
