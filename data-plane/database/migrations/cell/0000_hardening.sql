-- Up Migration

-- What Postgres gives to everyone by default and a tenant could use to reach another one.

-- A managed cell is one whose provider keeps the superuser to itself (Amazon RDS). Its administrator owns the database, has
-- CREATEROLE, and works as the roles that it makes; managed-cell.sql has the rest of the difference.
CREATE FUNCTION ringfence_private.is_managed() RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT r.rolsuper FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()
$$;
REVOKE ALL ON FUNCTION ringfence_private.is_managed() FROM PUBLIC;
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
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO ringfence_app, ringfence_keeper, ringfence_tenant', current_database());
END $$;

-- What protects tenants ends at this database: nobody but an administrator opens another one that every server has.
DO $$
DECLARE
  other name;
BEGIN
  FOR other IN SELECT d.datname FROM pg_database d
                WHERE d.datname IN ('postgres', 'template1') AND pg_has_role(current_user, d.datdba, 'MEMBER')
                  AND EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0) LOOP
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', other);
  END LOOP;
END $$;

-- Functions of Postgres that no application needs and that reach past rows: large objects, notifications, advisory locks and
-- logical messages know no row-level security; sessions of a pool have one login, so what Postgres lets a login do to its own
-- sessions (read, cancel, end them) is what one tenant could do to the others; counters, sizes and the position in the WAL count
-- every tenant's rows; a setting stays in a pooled connection, and random() follows its seed; query_to_xml runs EXPLAIN.
-- Of those that are VOLATILE, which do something or look at something that is not in their arguments, all but a few are
-- withheld, so that one which a newer Postgres brings is as well. Handlers and functions of internal arguments cannot be called.
CREATE FUNCTION ringfence_private.withheld_functions() RETURNS SETOF regprocedure
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT oid::regprocedure FROM pg_proc
   WHERE pronamespace = 'pg_catalog'::regnamespace
     AND (proname LIKE 'lo\_%' OR proname LIKE 'pg\_%advisory%' OR proname LIKE 'pg\_stat\_get\_%'
          OR proname LIKE 'query\_to\_xml%' OR proname LIKE 'cursor\_to\_xml%' OR proname LIKE 'pg\_current\_wal%' OR proname LIKE 'pg\_walfile%'
          OR proname IN ('loread', 'lowrite', 'pg_notify', 'pg_notification_queue_usage', 'pg_lock_status', 'pg_prepared_xact',
                         'pg_prepared_statement', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message',
                         'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_get_replication_slots',
                         'pg_get_publication_tables', 'pg_relation_size', 'pg_table_size', 'pg_indexes_size',
                         'pg_total_relation_size', 'pg_database_size', 'pg_tablespace_size', 'set_config', 'setseed',
                         'pg_xact_status', 'txid_status', 'pg_control_checkpoint', 'pg_control_system', 'pg_control_init',
                         'pg_control_recovery', 'pg_isolation_test_session_is_blocked')
          OR provolatile = 'v' AND prokind = 'f'
             AND prorettype NOT IN ('language_handler'::regtype, 'index_am_handler'::regtype, 'table_am_handler'::regtype, 'tsm_handler'::regtype)
             AND NOT 'internal'::regtype::oid = ANY (proargtypes::oid[])
             AND proname NOT IN ('array_sample', 'array_shuffle', 'clock_timestamp', 'current_query', 'currval', 'gen_random_uuid', 'lastval',
                                 'nextval', 'pg_is_in_recovery', 'pg_partition_ancestors', 'pg_partition_tree', 'pg_sleep', 'pg_sleep_for',
                                 'pg_sleep_until', 'plpgsql_validator', 'random', 'random_normal', 'setval', 'timeofday', 'ts_rewrite', 'ts_stat',
                                 'uuidv4', 'uuidv7'))
$$;

-- Views and tables of Postgres that tell of other sessions, other logins, or all tenants together.
CREATE FUNCTION ringfence_private.withheld_relations() RETURNS SETOF regclass
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT oid::regclass FROM pg_class
   WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
     AND (relname LIKE 'pg\_stat\_%' OR relname LIKE 'pg\_statio\_%'
          OR relname IN ('pg_stats', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_largeobject_metadata', 'pg_prepared_xacts',
                         'pg_cursors', 'pg_prepared_statements', 'pg_locks', 'pg_roles', 'pg_user', 'pg_group',
                         'pg_auth_members', 'pg_db_role_setting', 'pg_shdepend', 'pg_replication_slots', 'pg_publication_rel',
                         'pg_publication_tables'))
$$;

-- How many rows and pages a table has, as the planner knows it: those of all tenants.
CREATE FUNCTION ringfence_private.withheld_columns() RETURNS name[]
  LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY['reltuples', 'relpages', 'relallvisible', 'relallfrozen']::name[] $$;

DO $$
DECLARE
  target text;
BEGIN
  -- What the provider's superuser owns, nobody else can take away. NOTIFY as a statement cannot be revoked anywhere.
  IF ringfence_private.is_managed() THEN
    RETURN;
  END IF;
  FOR target IN SELECT f::text FROM ringfence_private.withheld_functions() f LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
    -- Monitoring reads statistics as members of this role.
    IF target ~ '^pg_(stat_get|last_|is_wal|get_wal|available_wal|wal_summary|get_wait|xact_commit)|_size\(' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_read_all_stats', target);
    END IF;
  END LOOP;
  FOR target IN SELECT r::text FROM ringfence_private.withheld_relations() r LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
    EXECUTE format('GRANT SELECT ON %s TO pg_read_all_stats', target);
  END LOOP;
  SELECT string_agg(quote_ident(attname), ', ') INTO target FROM pg_attribute
   WHERE attrelid = 'pg_catalog.pg_class'::regclass AND attnum > 0 AND attname <> ALL (ringfence_private.withheld_columns());
  -- Whoever may update a view may lock it, and so stop everybody who looks at settings.
  REVOKE INSERT, UPDATE, DELETE ON pg_catalog.pg_settings FROM PUBLIC;
  REVOKE ALL ON pg_catalog.pg_class FROM PUBLIC;
  EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', target);
  GRANT SELECT ON pg_catalog.pg_class TO pg_read_all_stats;
  REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
END $$;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;

-- The administrator is known by who it is: the database's owner, whoever may become it, a superuser.
CREATE FUNCTION ringfence_private.is_administrator() RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT pg_has_role(session_user, d.datdba, 'MEMBER') FROM pg_database d WHERE d.datname = current_database()
$$;

-- Definitions and rights are the administrator's alone: DROP OWNED takes a role out of every policy and grant, and a role may
-- say it of itself. It fires for replicas too. A provider that keeps the superuser to itself may keep event triggers as well.
CREATE FUNCTION ringfence_private.refuse_definitions() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT ringfence_private.is_administrator() THEN
    RAISE EXCEPTION 'ringfence: % is for the administrator of this cell', tg_tag USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
DO $$ BEGIN
  CREATE EVENT TRIGGER ringfence_definitions ON ddl_command_start EXECUTE FUNCTION ringfence_private.refuse_definitions();
  ALTER EVENT TRIGGER ringfence_definitions ENABLE ALWAYS;
EXCEPTION WHEN insufficient_privilege THEN
  IF NOT ringfence_private.is_managed() THEN
    RAISE;
  END IF;
END $$;

-- Down Migration
DROP EVENT TRIGGER IF EXISTS ringfence_definitions;
DROP FUNCTION ringfence_private.refuse_definitions();
DROP FUNCTION ringfence_private.is_administrator();
DROP FUNCTION ringfence_private.withheld_columns();
DROP FUNCTION ringfence_private.withheld_relations();
DROP FUNCTION ringfence_private.withheld_functions();
DROP FUNCTION ringfence_private.is_managed();
GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
