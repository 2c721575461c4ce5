-- Up Migration

-- A role may change its own password and stored settings (ALTER ROLE), and no privilege, policy or event trigger keeps it from
-- that; a login that all tenants share would lock all of them out, or give all of them another time zone. So the cell remembers
-- what the login has to be, an application looks when it connects, and a login of its own (ringfence_keeper), which no
-- statement of a tenant runs as, puts it back.
CREATE TABLE ringfence_private.application_logins (
  login    name PRIMARY KEY,
  verifier text NOT NULL,    -- of the password, as pg_authid keeps it (SCRAM-SHA-256)
  settings text[] NOT NULL   -- name=value, in the order of their names' bytes
);
REVOKE ALL ON ringfence_private.application_logins FROM PUBLIC;

-- Whether the login of this session has the stored settings that it should, in every database.
CREATE FUNCTION ringfence.is_kept() RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setrole = l.oid AND s.setdatabase <> 0)
     AND ARRAY(SELECT unnest(s.setconfig) COLLATE "C" FROM pg_db_role_setting s WHERE s.setrole = l.oid AND s.setdatabase = 0 ORDER BY 1)
         = a.settings
    FROM ringfence_private.application_logins a JOIN pg_roles l ON l.rolname = a.login WHERE a.login = session_user
$$;

-- Puts the applications' logins back. Returns what it mended, in words. The password is not read where nobody may read it; it
-- is set.
CREATE FUNCTION ringfence_private.keep_logins() RETURNS text[]
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted  record;
  place   text;
  setting text;
  mended  text[] := '{}';
  managed boolean := ringfence_private.is_managed();
  changed boolean := true;
BEGIN
  -- One at a time: whoever changes a role while another one does fails. An application may lock no table that it has no right on.
  -- A mode that goes with a change of the table's rows, which the caller may have made before.
  LOCK TABLE ringfence_private.application_logins IN SHARE UPDATE EXCLUSIVE MODE;
  FOR wanted IN SELECT a.*, r.oid FROM ringfence_private.application_logins a JOIN pg_roles r ON r.rolname = a.login LOOP
    IF NOT managed THEN
      SELECT u.rolpassword IS DISTINCT FROM wanted.verifier INTO changed FROM pg_authid u WHERE u.oid = wanted.oid;
    END IF;
    IF changed THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', wanted.login, wanted.verifier);
      mended := mended || format('password of %I', wanted.login);
    END IF;
    FOR place IN SELECT format(' IN DATABASE %I', d.datname) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                  WHERE s.setrole = wanted.oid LOOP
      EXECUTE format('ALTER ROLE %I%s RESET ALL', wanted.login, place);
      mended := mended || format('settings of %I%s', wanted.login, place);
    END LOOP;
    IF ARRAY(SELECT unnest(s.setconfig) COLLATE "C" FROM pg_db_role_setting s WHERE s.setrole = wanted.oid AND s.setdatabase = 0 ORDER BY 1)
       <> wanted.settings THEN
      EXECUTE format('ALTER ROLE %I RESET ALL', wanted.login);
      FOREACH setting IN ARRAY wanted.settings LOOP
        EXECUTE format('ALTER ROLE %I SET %I TO %L', wanted.login, split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1));
      END LOOP;
      mended := mended || format('settings of %I', wanted.login);
    END IF;
  END LOOP;
  RETURN mended;
END
$$;

-- Sessions in which statements of tenants run, in any database of the server: those of applications and of tenants' own logins.
CREATE VIEW ringfence_private.tenant_sessions WITH (security_invoker = true) AS
SELECT a.pid, a.usename, a.datname, a.state, a.xact_start, a.backend_xmin FROM pg_stat_activity a
 WHERE (pg_has_role(a.usesysid, 'ringfence_app', 'MEMBER') OR pg_has_role(a.usesysid, 'ringfence_tenant', 'MEMBER'))
   AND a.usesysid NOT IN (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database())
   AND a.usesysid NOT IN (SELECT r.oid FROM pg_roles r WHERE r.rolsuper AND r.rolname NOT IN ('ringfence_app', 'ringfence_tenant'));
REVOKE ALL ON ringfence_private.tenant_sessions FROM PUBLIC;

-- Ends such sessions that hold a lock on a tenant table that keeps others from writing or reading it, or a change of a role that is
-- not committed, which keeps everybody else from changing that role. In a managed cell nobody may end a session of another login.
CREATE FUNCTION ringfence_private.end_table_locks() RETURNS text[]
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(format('session of %s that locked %s', holder.usename, holder.relation)), '{}')
    FROM (SELECT DISTINCT a.pid, a.usename, l.relation::regclass AS relation
            FROM pg_locks l JOIN ringfence_private.tenant_sessions a ON a.pid = l.pid
           WHERE l.locktype = 'relation' AND l.granted
             AND (l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                  AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                  AND EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                JOIN ringfence.tenant_tables t ON t.schema_name = n.nspname AND t.table_name = c.relname
                               WHERE c.oid = l.relation)
               OR l.database = 0 AND l.mode <> 'AccessShareLock' AND l.pid <> pg_backend_pid()
                  AND l.relation IN ('pg_authid'::regclass, 'pg_db_role_setting'::regclass, 'pg_auth_members'::regclass))) holder
   WHERE CASE WHEN ringfence_private.is_managed() THEN false ELSE pg_terminate_backend(holder.pid, 2000) END
$$;

-- Ends sessions that lock a whole table, which no application needs and which stops all tenants, or that hold a change of a role
-- back; then the same.
CREATE FUNCTION ringfence.keep() RETURNS text[]
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ringfence_private.end_table_locks() || ringfence_private.keep_logins()
$$;

-- The logins whose password is another than recorded, where verifiers may be read.
CREATE FUNCTION ringfence_private.changed_passwords() RETURNS SETOF name
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF has_table_privilege('pg_authid', 'SELECT') THEN
    RETURN QUERY SELECT l.login FROM ringfence_private.application_logins l JOIN pg_authid u ON u.rolname = l.login
                  WHERE u.rolpassword IS DISTINCT FROM l.verifier;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION ringfence_private.changed_passwords(), ringfence.is_kept(), ringfence.keep(), ringfence_private.keep_logins(), ringfence_private.end_table_locks()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence.is_kept() TO ringfence_app;
GRANT EXECUTE ON FUNCTION ringfence.keep() TO ringfence_keeper;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.is_kept()', 'tells whether the stored settings of its caller are as they should be'),
  ('ringfence.keep()', 'puts the applications'' logins back to what the administrator recorded; takes nothing from its caller');

-- Down Migration
DROP FUNCTION ringfence.keep();
DROP FUNCTION ringfence_private.changed_passwords();
DROP FUNCTION ringfence_private.end_table_locks();
DROP VIEW ringfence_private.tenant_sessions;
DROP FUNCTION ringfence_private.keep_logins();
DROP FUNCTION ringfence.is_kept();
DROP TABLE ringfence_private.application_logins;
