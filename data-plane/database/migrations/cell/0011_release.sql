-- Up Migration

-- What a cell's catalogue says of its defences, so that what this release made can be remembered, compared and put back: roles,
-- their settings and memberships, functions, views, owners, row-level security, policies, triggers, event triggers, grants; and
-- of the tables that Ringfence makes, columns, defaults, constraints and indexes.
-- `make` is the statement that makes the thing, `unmake` the one that takes it away; things are made in the order of `place`:
-- what keeps clinics apart comes first. A column has no such statements, because its values would not come back by them.
-- A thing that the release does not have is a difference only where it widens (`widens`): the application's own restrictive
-- policies, triggers and functions stay. Of grants, those to applications, tenants and PUBLIC are looked at.
-- Read it with search_path = pg_catalog, pg_temp, so that every name has its schema.
-- Settings that switch defences off for a session; only a superuser may write the first of them.
CREATE FUNCTION ringfence_private.guarded_settings() RETURNS text[]
  LANGUAGE sql IMMUTABLE
AS $$ SELECT ARRAY['session_replication_role', 'event_triggers', 'row_security', 'backtrace_functions', 'session_preload_libraries',
                   'local_preload_libraries', 'role', 'default_transaction_read_only', 'search_path'] $$;

CREATE FUNCTION ringfence_private.on_this_database(command text) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT format('DO $d$ BEGIN EXECUTE format(%L, current_database()); END $d$', command) $$;
CREATE VIEW ringfence_private.defences WITH (security_invoker = true) AS
WITH RECURSIVE
ours AS (
  SELECT oid, rolname FROM pg_roles
   WHERE rolname IN ('ringfence_owner', 'ringfence_gate', 'ringfence_tenant', 'ringfence_app', 'ringfence_keeper')
),
tenant_login AS (
  SELECT r.oid FROM pg_roles r JOIN ringfence.tenants t ON t.login_role = r.rolname
),
-- Who is one because an application was made a member of the administrator is none.
administrator AS (
  SELECT datdba AS oid FROM pg_database WHERE datname = current_database()
  UNION
  SELECT oid FROM pg_roles WHERE rolsuper AND oid NOT IN (SELECT oid FROM ours UNION ALL SELECT oid FROM tenant_login)
  UNION
  SELECT m.member FROM administrator a JOIN pg_auth_members m ON m.roleid = a.oid
   WHERE m.member NOT IN (SELECT oid FROM ours UNION ALL SELECT oid FROM tenant_login)
),
application AS (
  SELECT oid FROM ours
  UNION
  SELECT m.member FROM application a JOIN pg_auth_members m ON m.roleid = a.oid
   WHERE m.member NOT IN (SELECT oid FROM administrator)
),
grantee AS (
  SELECT r.oid, quote_ident(r.rolname) AS name FROM application a JOIN pg_roles r USING (oid)
  UNION ALL SELECT 0::oid, 'PUBLIC'
),
schema AS (
  SELECT oid, nspname, nspacl, nspowner FROM pg_namespace
   WHERE nspname IN ('ringfence', 'ringfence_private', 'clinical', 'analytics', 'edge', 'public')
      OR nspname IN (SELECT schema_name FROM ringfence.tenant_tables)
),
relation AS (
  SELECT c.oid, c.relkind, c.relacl, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, c.reloptions,
         format('%I.%I', n.nspname, c.relname) AS name, n.nspname IN ('ringfence', 'ringfence_private', 'clinical', 'analytics', 'edge') AS is_ours
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'S')
     AND (n.nspname IN ('ringfence', 'ringfence_private', 'clinical', 'analytics', 'edge')
       OR (n.nspname, c.relname) IN (SELECT schema_name, table_name FROM ringfence.tenant_tables))
),
routine AS (
  SELECT p.oid, p.proacl, p.proowner, p.oid::regprocedure::text AS name FROM pg_proc p
   WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('ringfence', 'ringfence_private', 'clinical', 'analytics', 'edge'))
     AND p.prokind = 'f'
),
granted (kind, object, relation, target, acl) AS (
  SELECT 'database', quote_ident(d.datname), NULL, 'DATABASE ' || quote_ident(d.datname), coalesce(d.datacl, acldefault('d', d.datdba))
    FROM pg_database d WHERE d.datname IN ('postgres', 'template1') AND pg_has_role(current_user, d.datdba, 'MEMBER')
  UNION ALL SELECT 'schema', quote_ident(s.nspname), NULL, 'SCHEMA ' || quote_ident(s.nspname), s.nspacl FROM schema s
  UNION ALL SELECT 'table', r.name, r.name, CASE r.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || r.name, r.relacl FROM relation r
  UNION ALL SELECT 'function', f.name, NULL, 'FUNCTION ' || f.name, coalesce(f.proacl, acldefault('f', f.proowner)) FROM routine f
  UNION ALL SELECT 'language', quote_ident(l.lanname), NULL, 'LANGUAGE ' || quote_ident(l.lanname), coalesce(l.lanacl, acldefault('l', l.lanowner))
    FROM pg_language l WHERE l.lanpltrusted
  UNION ALL SELECT 'parameter', p.parname, NULL, 'PARAMETER ' || p.parname, p.paracl FROM pg_parameter_acl p
),
-- What Postgres brings along: its rights now, and those that initdb gave. Who owns it is the one who can change them.
brought (object, clause, target, acl, first) AS (
  SELECT 'table ' || c.oid::regclass, '', 'TABLE ' || c.oid::regclass, coalesce(c.relacl, acldefault('r', c.relowner)),
         coalesce(i.initprivs, acldefault('r', c.relowner))
    FROM pg_class c LEFT JOIN pg_init_privs i ON (i.classoid, i.objoid, i.objsubid) = ('pg_class'::regclass, c.oid, 0)
   WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND c.relkind IN ('r', 'v')
     AND c.relacl IS DISTINCT FROM i.initprivs AND pg_has_role(current_user, c.relowner, 'MEMBER')
  UNION ALL
  SELECT 'columns of ' || c.oid::regclass, format(' (%I)', a.attname), 'TABLE ' || c.oid::regclass, a.attacl, i.initprivs
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_init_privs i ON (i.classoid, i.objoid, i.objsubid) = ('pg_class'::regclass, c.oid, a.attnum::integer)
   WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND c.relkind IN ('r', 'v')
     AND a.attacl IS DISTINCT FROM i.initprivs AND pg_has_role(current_user, c.relowner, 'MEMBER')
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, '', 'ROUTINE ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner)),
         coalesce(i.initprivs, acldefault('f', p.proowner))
    FROM pg_proc p LEFT JOIN pg_init_privs i ON (i.classoid, i.objoid) = ('pg_proc'::regclass, p.oid)
   WHERE p.pronamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
     AND p.proacl IS DISTINCT FROM i.initprivs AND pg_has_role(current_user, p.proowner, 'MEMBER')
  UNION ALL
  SELECT 'schema ' || n.nspname, '', 'SCHEMA ' || n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)),
         coalesce(i.initprivs, acldefault('n', n.nspowner))
    FROM pg_namespace n LEFT JOIN pg_init_privs i ON (i.classoid, i.objoid) = ('pg_namespace'::regclass, n.oid)
   WHERE n.nspname IN ('pg_catalog', 'information_schema')
     AND n.nspacl IS DISTINCT FROM i.initprivs AND pg_has_role(current_user, n.nspowner, 'MEMBER')
  UNION ALL
  SELECT 'type ' || t.oid::regtype, '', 'TYPE ' || t.oid::regtype, coalesce(t.typacl, acldefault('T', t.typowner)),
         coalesce(i.initprivs, acldefault('T', t.typowner))
    FROM pg_type t LEFT JOIN pg_init_privs i ON (i.classoid, i.objoid) = ('pg_type'::regclass, t.oid)
   WHERE t.typnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
     AND t.typacl IS DISTINCT FROM i.initprivs AND pg_has_role(current_user, t.typowner, 'MEMBER')
),
given AS (
  SELECT b.object, b.clause, b.target, a.grantee, a.privilege_type FROM brought b CROSS JOIN aclexplode(b.acl) a
  EXCEPT SELECT b.object, b.clause, b.target, a.grantee, a.privilege_type FROM brought b CROSS JOIN aclexplode(b.first) a
),
taken AS (
  SELECT b.object, b.clause, b.target, a.privilege_type FROM brought b CROSS JOIN aclexplode(b.first) a WHERE a.grantee = 0
  EXCEPT SELECT b.object, b.clause, b.target, a.privilege_type FROM brought b CROSS JOIN aclexplode(b.acl) a WHERE a.grantee = 0
)
SELECT 1 AS place, 'role' AS kind, quote_ident(o.rolname) AS object, NULL::text AS relation, false AS widens, NULL::text AS unmake,
       format('ALTER ROLE %I %s %s %s %s%s CONNECTION LIMIT %s VALID UNTIL %L', r.rolname,
              CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
              CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
              -- Only a superuser may name these.
              CASE WHEN ringfence_private.is_managed() AND NOT (r.rolsuper OR r.rolreplication OR r.rolbypassrls) THEN ''
                   ELSE concat(CASE WHEN r.rolsuper THEN ' SUPERUSER' ELSE ' NOSUPERUSER' END,
                               CASE WHEN r.rolreplication THEN ' REPLICATION' ELSE ' NOREPLICATION' END,
                               CASE WHEN r.rolbypassrls THEN ' BYPASSRLS' ELSE ' NOBYPASSRLS' END) END,
              r.rolconnlimit, coalesce(r.rolvaliduntil, 'infinity')) AS make
  FROM ours o JOIN pg_roles r ON r.oid = o.oid
UNION ALL
-- Since Postgres 16 each grantor gives a membership of its own.
SELECT 2, 'membership', format('%I in %I', m.rolname, p.rolname), NULL, true,
       string_agg(format('REVOKE %I FROM %I%s CASCADE', p.rolname, m.rolname,
                         CASE WHEN to_jsonb(a) ? 'set_option' THEN format(' GRANTED BY %I', pg_get_userbyid(a.grantor)) ELSE '' END), '; ' ORDER BY a.grantor),
       string_agg(DISTINCT format('GRANT %I TO %I', p.rolname, m.rolname)
         -- Postgres tells the three apart since 16.
         || CASE WHEN to_jsonb(a) ? 'set_option'
                 THEN format(' WITH ADMIN %s, INHERIT %s, SET %s', a.admin_option::text, to_jsonb(a) ->> 'inherit_option', to_jsonb(a) ->> 'set_option')
                 WHEN a.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END, '; ')
  FROM pg_auth_members a JOIN pg_roles p ON p.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
 WHERE a.member IN (SELECT oid FROM ours)
    OR a.member IN (SELECT oid FROM tenant_login) AND p.rolname <> 'ringfence_tenant'
    OR a.roleid IN (SELECT oid FROM ours WHERE rolname <> 'ringfence_tenant') AND a.member NOT IN (SELECT oid FROM administrator)
 GROUP BY m.rolname, p.rolname
UNION ALL
SELECT 3, 'setting', quote_ident(o.rolname) || place.clause, NULL, true, format('ALTER ROLE %I%s RESET ALL', o.rolname, place.clause),
       (SELECT string_agg(format('ALTER ROLE %I%s SET %I TO %L', o.rolname, place.clause, split_part(setting, '=', 1),
                                 substr(setting, strpos(setting, '=') + 1)), '; ' ORDER BY setting) FROM unnest(s.setconfig) setting)
  FROM pg_db_role_setting s JOIN ours o ON o.oid = s.setrole
 CROSS JOIN LATERAL (SELECT coalesce((SELECT format(' IN DATABASE %I', d.datname) FROM pg_database d WHERE d.oid = s.setdatabase), '') AS clause) place
UNION ALL
-- Of all sessions, only what would switch defences off: the rest is the administrator's affair.
SELECT 3, 'setting', CASE WHEN s.setdatabase = 0 THEN 'every role' ELSE 'this database' END || ': ' || split_part(setting, '=', 1), NULL, true,
       CASE WHEN s.setdatabase = 0 THEN format('ALTER ROLE ALL RESET %I', split_part(setting, '=', 1))
            ELSE ringfence_private.on_this_database(format('ALTER DATABASE %%I RESET %I', split_part(setting, '=', 1))) END,
       CASE WHEN s.setdatabase = 0 THEN format('ALTER ROLE ALL SET %I TO %L', split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1))
            ELSE ringfence_private.on_this_database(format('ALTER DATABASE %%I SET %I TO %L', split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1))) END
  FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) setting
 WHERE s.setrole = 0 AND split_part(setting, '=', 1) = ANY (ringfence_private.guarded_settings())
   AND (s.setdatabase = 0 OR s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
UNION ALL
-- Of the administrator's sessions as well: nothing else would fire a trigger there.
SELECT 3, 'setting', 'the administrator' || place.clause || ': ' || split_part(setting, '=', 1), NULL, true,
       format('ALTER ROLE %I%s RESET %I', r.rolname, place.clause, split_part(setting, '=', 1)),
       format('ALTER ROLE %I%s SET %I TO %L', r.rolname, place.clause, split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1))
  FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase IN (0, d.oid)
 CROSS JOIN unnest(s.setconfig) setting
 CROSS JOIN LATERAL (SELECT CASE WHEN s.setdatabase = 0 THEN '' ELSE format(' IN DATABASE %I', d.datname) END AS clause) place
 WHERE d.datname = current_database() AND split_part(setting, '=', 1) = ANY (ringfence_private.guarded_settings())
UNION ALL
SELECT 3, 'database', 'connection limit of this database', NULL, false, NULL,
       ringfence_private.on_this_database(format('ALTER DATABASE %%I CONNECTION LIMIT %s', d.datconnlimit))
  FROM pg_database d WHERE d.datname = current_database()
UNION ALL
SELECT 3, 'type', 'ringfence.plan_mark', NULL, false, NULL, 'SELECT ringfence_private.make_plan_mark()'
 WHERE to_regtype('ringfence.plan_mark') IS NOT NULL
UNION ALL
SELECT 13, 'column', format('%s.%I', r.name, a.attname), r.name, false, NULL,
       concat(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ' generated ' || nullif(a.attgenerated::text, '') || ' '
              || pg_get_expr(v.adbin, v.adrelid), ' identity ' || nullif(a.attidentity::text, ''))
  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef v ON v.adrelid = r.oid AND v.adnum = a.attnum
 WHERE r.is_ours AND r.relkind IN ('r', 'p')
UNION ALL
SELECT 14, 'default', format('%s.%I', r.name, a.attname), r.name, r.is_ours, format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', r.name, a.attname),
       format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', r.name, a.attname, pg_get_expr(v.adbin, v.adrelid))
  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attgenerated = '' AND (r.is_ours OR a.attname = 'clinic_id')
  JOIN pg_attrdef v ON v.adrelid = r.oid AND v.adnum = a.attnum
UNION ALL
SELECT 14, 'not null', format('%s.%I', r.name, a.attname), r.name, false, NULL,
       format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', r.name, a.attname)
  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND a.attnotnull
 WHERE r.is_ours AND r.relkind IN ('r', 'p')
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = r.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated)
UNION ALL
SELECT 14, 'table', r.name, r.name, false, NULL,
       format('ALTER TABLE %s SET %s', r.name, CASE r.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END)
  FROM relation r WHERE r.is_ours AND r.relkind = 'r'
UNION ALL
-- One that is not valid has no statement that makes it.
SELECT 15, 'index', i.indexrelid::regclass::text, r.name, false, format('DROP INDEX IF EXISTS %s CASCADE', i.indexrelid::regclass),
       CASE WHEN i.indisvalid THEN pg_get_indexdef(i.indexrelid) ELSE '' END
  FROM relation r JOIN pg_index i ON i.indrelid = r.oid
 WHERE r.is_ours AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
-- Foreign keys last: they need the keys that they refer to.
SELECT CASE k.contype WHEN 'f' THEN 17 ELSE 16 END, 'constraint', format('%I on %s', k.conname, r.name), r.name, false,
       format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', r.name, k.conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.name, k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid WHERE k.contype = 'f' OR r.is_ours AND k.contype IN ('c', 'p', 'u', 'x')
UNION ALL
-- Foreign keys are checked by triggers of their own, which can be switched off; a replica's are.
SELECT 18, 'foreign-key triggers', r.name, r.name, false, NULL, format('ALTER TABLE %s ENABLE TRIGGER ALL', r.name)
  FROM relation r
 WHERE r.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = r.oid AND g.tgisinternal)
   AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = r.oid AND g.tgisinternal AND g.tgenabled = 'D')
UNION ALL
SELECT 10, 'table action', format('%I.%I', t.schema_name, t.table_name), NULL, true,
       format('DELETE FROM ringfence.table_actions WHERE schema_name = %L AND table_name = %L', t.schema_name, t.table_name),
       format('INSERT INTO ringfence.table_actions VALUES (%L, %L, %L)', t.schema_name, t.table_name, t.action)
  FROM ringfence.table_actions t WHERE t.schema_name IN ('clinical', 'analytics', 'edge')
UNION ALL
SELECT 4, 'function', f.name, NULL, false, NULL, pg_get_functiondef(f.oid) FROM routine f
UNION ALL
-- Of a view that is gone something is said, unlike of a table: it has no rows that would be needed.
SELECT 4, 'view', r.name, NULL, false, NULL,
       format('CREATE OR REPLACE VIEW %s%s AS %s', r.name, ' WITH (' || array_to_string(r.reloptions, ', ') || ')', pg_get_viewdef(r.oid))
  FROM relation r WHERE r.relkind = 'v' AND r.is_ours
UNION ALL
SELECT 5, 'owner', r.name, r.name, false, NULL,
       format('ALTER %s %s OWNER TO %I', CASE r.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, r.name, pg_get_userbyid(r.relowner))
  FROM relation r
UNION ALL
SELECT 5, 'owner', f.name, NULL, false, NULL, format('ALTER FUNCTION %s OWNER TO %I', f.name, pg_get_userbyid(f.proowner)) FROM routine f
UNION ALL
SELECT 5, 'owner', quote_ident(s.nspname), NULL, false, NULL, format('ALTER SCHEMA %I OWNER TO %I', s.nspname, pg_get_userbyid(s.nspowner)) FROM schema s
UNION ALL
SELECT 6, 'row-level security', r.name, r.name, false, NULL,
       format('ALTER TABLE %s %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', r.name, CASE WHEN r.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
              CASE WHEN r.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
  FROM relation r WHERE r.relkind IN ('r', 'p')
UNION ALL
SELECT 7, 'policy', format('%I on %s', p.polname, r.name), r.name, p.polpermissive, format('DROP POLICY %I ON %s', p.polname, r.name),
       format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, r.name, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
              CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
              (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', ' ORDER BY role) FROM unnest(p.polroles) role))
         || CASE WHEN p.polqual IS NULL THEN '' ELSE format(' USING (%s)', pg_get_expr(p.polqual, p.polrelid)) END
         || CASE WHEN p.polwithcheck IS NULL THEN '' ELSE format(' WITH CHECK (%s)', pg_get_expr(p.polwithcheck, p.polrelid)) END
  FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL
SELECT 8, 'trigger', format('%I on %s', g.tgname, r.name), r.name, false, format('DROP TRIGGER %I ON %s', g.tgname, r.name),
       pg_get_triggerdef(g.oid) || format('; ALTER TABLE %s %s TRIGGER %I', r.name,
         CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, g.tgname)
  FROM pg_trigger g JOIN relation r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT 9, 'event trigger', quote_ident(e.evtname), NULL, false, format('DROP EVENT TRIGGER %I', e.evtname),
       format('CREATE EVENT TRIGGER %I ON %s EXECUTE FUNCTION %s; ALTER EVENT TRIGGER %I %s', e.evtname, e.evtevent, e.evtfoid::regprocedure, e.evtname,
              CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END)
  FROM pg_event_trigger e WHERE e.evtname LIKE 'ringfence\_%'
UNION ALL
SELECT 10, 'grant', format('%s on %s %s', g.name, t.kind, t.object), t.relation, true, format('REVOKE ALL ON %s FROM %s CASCADE', t.target, g.name),
       string_agg(format('GRANT %s ON %s TO %s%s', a.privilege_type, t.target, g.name, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
                  '; ' ORDER BY a.privilege_type)
  FROM granted t CROSS JOIN aclexplode(t.acl) a JOIN grantee g ON g.oid = a.grantee
 GROUP BY t.kind, t.object, t.relation, t.target, g.name
UNION ALL
SELECT 11, 'grant', format('%s on columns of %s', g.name, c.name), c.name, true,
       string_agg(DISTINCT format('REVOKE ALL (%I) ON %s FROM %s CASCADE', c.attname, c.name, g.name), '; '),
       string_agg(format('GRANT %s (%I) ON %s TO %s', a.privilege_type, c.attname, c.name, g.name), '; ' ORDER BY c.attname, a.privilege_type)
  FROM (SELECT r.name, t.attname, t.attacl FROM relation r JOIN pg_attribute t ON t.attrelid = r.oid WHERE t.attacl IS NOT NULL) c
 CROSS JOIN aclexplode(c.attacl) a JOIN grantee g ON g.oid = a.grantee
 GROUP BY c.name, g.name
UNION ALL
SELECT 11, 'grant', format('%s on %s', g.name, a.object), NULL, true,
       string_agg(format('REVOKE %s%s ON %s FROM %s CASCADE', a.privilege_type, a.clause, a.target, g.name), '; '),
       string_agg(format('GRANT %s%s ON %s TO %s', a.privilege_type, a.clause, a.target, g.name), '; ' ORDER BY a.clause, a.privilege_type)
  FROM given a JOIN grantee g ON g.oid = a.grantee
 GROUP BY g.name, a.object
UNION ALL
-- What initdb gives to everyone and this release withholds; what somebody else took away stops applications.
SELECT 11, 'revocation', 'PUBLIC on ' || t.object, NULL, true,
       string_agg(format('GRANT %s%s ON %s TO PUBLIC', t.privilege_type, t.clause, t.target), '; '),
       string_agg(format('REVOKE %s%s ON %s FROM PUBLIC CASCADE', t.privilege_type, t.clause, t.target), '; ' ORDER BY t.clause, t.privilege_type)
  FROM taken t GROUP BY t.object
UNION ALL
-- Whatever its name is, so that a copy of the cell has the same defences.
SELECT 12, 'grant', g.name || ' on this database', NULL, true, ringfence_private.on_this_database(format('REVOKE ALL ON DATABASE %%I FROM %s CASCADE', g.name)),
       ringfence_private.on_this_database(format('GRANT %s ON DATABASE %%I TO %s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), g.name))
  FROM pg_database d CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a JOIN grantee g ON g.oid = a.grantee
 WHERE d.datname = current_database()
 GROUP BY g.name;

-- The defences as this release made them. Kept by preparing a cell and by protect().
CREATE TABLE ringfence_private.release (
  kind     text NOT NULL,
  object   text NOT NULL,
  relation text,
  place    integer NOT NULL,
  make     text NOT NULL,
  PRIMARY KEY (kind, object)
);
REVOKE ALL ON ringfence_private.release, ringfence_private.defences FROM PUBLIC;
-- Until a cell is prepared to its end. A table without any row has lost what it remembered, which is not the same.
INSERT INTO ringfence_private.release VALUES ('unfinished', '', NULL, 0, '');
INSERT INTO ringfence.global_tables VALUES
  ('ringfence_private', 'release', 'the defences as this release made them; no application role may read it');

-- Remembers the defences as they are: all, or, once that was done, those that protect() has just made of one table. What else
-- stands on a table of the reference schema stays remembered though it may be missing now; what an application put on its own
-- is the application's.
CREATE FUNCTION ringfence_private.record_release(target regclass DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  view text;
BEGIN
  IF target IS NOT NULL AND NOT EXISTS (SELECT FROM ringfence_private.release r WHERE r.kind <> 'unfinished') THEN
    RETURN;
  END IF;
  -- A view that is made from its own definition may have another one, which then stays.
  IF target IS NULL THEN
    FOREACH view IN ARRAY ARRAY(SELECT d.make FROM ringfence_private.defences d WHERE d.kind = 'view') LOOP
      EXECUTE view;
    END LOOP;
  END IF;
  DELETE FROM ringfence_private.release r
   WHERE target IS NULL OR r.relation = target::text AND r.kind = 'grant'
      OR r.relation IS NOT NULL AND to_regclass(r.relation) IS NULL;
  INSERT INTO ringfence_private.release (kind, object, relation, place, make)
  SELECT d.kind, d.object, d.relation, d.place, d.make FROM ringfence_private.defences d
   WHERE CASE WHEN target IS NOT NULL THEN d.relation = target::text
                AND (d.kind NOT IN ('policy', 'trigger', 'constraint') OR d.object ~ '^(clinic_|ringfence_(guard|audit_|keep_id))')
                -- What protect() grants on the table's schema.
                OR d.kind = 'grant' AND d.object IN (
                  SELECT format('%s on schema %I', grantee, n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   CROSS JOIN unnest(ARRAY['ringfence_owner', 'ringfence_app', 'ringfence_tenant']) grantee WHERE c.oid = target)
              ELSE d.kind NOT IN ('policy', 'trigger', 'constraint') OR d.object ~ '^(clinic_|ringfence_)'
                OR d.relation ~ '^(ringfence|ringfence_private|clinical|analytics|edge)[.]' END
  ON CONFLICT (kind, object) DO UPDATE SET relation = excluded.relation, place = excluded.place, make = excluded.make;
END
$$;

-- What is otherwise than this release made it. Of a table of Ringfence's that is gone, only that is said; of an application's
-- nothing.
CREATE FUNCTION ringfence_private.differences()
  RETURNS TABLE (place integer, kind text, object text, problem text, unmake text, make text)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(r.place, d.place), coalesce(r.kind, d.kind), coalesce(r.object, d.object),
         CASE WHEN d.kind IS NULL THEN 'is missing' WHEN r.kind IS NULL THEN 'is not of this release' ELSE 'is another than in this release' END,
         CASE WHEN d.make = r.make || ' NOT VALID' THEN NULL ELSE d.unmake END,
         CASE WHEN d.make = r.make || ' NOT VALID' THEN regexp_replace(r.make, ' ADD CONSTRAINT (("[^"]*")+|[^ ]+) .*', ' VALIDATE CONSTRAINT \1')
              WHEN r.kind <> 'column' THEN r.make END
    FROM ringfence_private.release r
    FULL JOIN ringfence_private.defences d ON d.kind = r.kind AND d.object = r.object
   WHERE r.make IS DISTINCT FROM d.make AND (r.kind IS NOT NULL OR d.widens)
     AND (r.relation IS NULL OR r.kind = 'table' OR to_regclass(r.relation) IS NOT NULL)
     AND EXISTS (SELECT FROM ringfence_private.release o WHERE o.kind <> 'unfinished')
   ORDER BY 1, 2, 3
$$;

-- The clinics whose window is another than sync_subscription() makes of their subscription. Where that counts from the moment of
-- the write, because the subscription has no date, a window is wrong that ends later than it would if it were written now.
CREATE FUNCTION ringfence_private.wrong_subscription_windows() RETURNS TABLE (clinic_id uuid)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(s.clinic_id, w.clinic_id)
    FROM clinical.subscriptions s FULL JOIN ringfence_private.subscription_windows w ON w.clinic_id = s.clinic_id
   WHERE s.clinic_id IS NULL OR w.clinic_id IS NULL
      OR CASE s.status
           WHEN 'ACTIVE' THEN w.writable_until < 'infinity' OR w.readable_until < 'infinity'
           WHEN 'TRIAL' THEN w.readable_until IS DISTINCT FROM w.writable_until + interval '14 days'
                          OR CASE WHEN s.trial_ends_at IS NULL THEN w.writable_until > now() + interval '14 days'
                                  ELSE w.writable_until <> s.trial_ends_at END
           WHEN 'PAST_DUE' THEN w.writable_until <> '-infinity'
                             OR CASE WHEN s.renews_at IS NULL THEN w.readable_until > now() + interval '14 days'
                                     ELSE w.readable_until <> s.renews_at + interval '14 days' END
           ELSE w.writable_until <> '-infinity' OR w.readable_until <> '-infinity' END
$$;
REVOKE ALL ON FUNCTION ringfence_private.wrong_subscription_windows() FROM PUBLIC;

-- What enter() reads are copies: who may come in, who works where, until when a clinic reads and writes. Makes them anew from what
-- they are copies of, where they differ. Returns which did.
CREATE FUNCTION ringfence_private.restore_copies() RETURNS text[]
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mended text[] := '{}';
  wrong  uuid[];
BEGIN
  IF EXISTS ((SELECT s.clinic_id, s.user_id, s.role, s.departments FROM clinical.staff s WHERE s.active AND s.user_id IS NOT NULL
              EXCEPT SELECT a.clinic_id, a.user_id, a.role, a.departments FROM ringfence_private.assignments a)
             UNION ALL (SELECT a.clinic_id, a.user_id, a.role, a.departments FROM ringfence_private.assignments a
              EXCEPT SELECT s.clinic_id, s.user_id, s.role, s.departments FROM clinical.staff s WHERE s.active AND s.user_id IS NOT NULL)) THEN
    DELETE FROM ringfence_private.assignments;
    INSERT INTO ringfence_private.assignments
    SELECT s.clinic_id, s.user_id, s.role, s.departments FROM clinical.staff s WHERE s.active AND s.user_id IS NOT NULL;
    mended := mended || 'ringfence_private.assignments'::text;
  END IF;
  SELECT array_agg(clinic_id) INTO wrong FROM ringfence_private.wrong_subscription_windows();
  IF wrong IS NOT NULL THEN
    DELETE FROM ringfence_private.subscription_windows w WHERE w.clinic_id = ANY (wrong);
    -- The trigger copies each row that is written again.
    UPDATE clinical.subscriptions s SET status = s.status WHERE s.clinic_id = ANY (wrong);
    mended := mended || 'ringfence_private.subscription_windows'::text;
  END IF;
  IF EXISTS ((TABLE ringfence_private.wanted_doors EXCEPT TABLE ringfence_private.doors)
             UNION ALL (TABLE ringfence_private.doors EXCEPT TABLE ringfence_private.wanted_doors)) THEN
    DELETE FROM ringfence_private.doors;
    UPDATE ringfence.tenants SET state = state;
    mended := mended || 'ringfence_private.doors'::text;
  END IF;
  RETURN mended;
END
$$;
REVOKE ALL ON FUNCTION ringfence_private.restore_copies() FROM PUBLIC;

-- Makes the keys of pseudonyms anew that are missing, and returns how many. An auditor sees other names from then on.
CREATE FUNCTION ringfence_private.restore_pseudonym_keys() RETURNS integer
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  WITH made AS (
    INSERT INTO ringfence_private.pseudonym_keys (clinic_id)
    SELECT c.id FROM ringfence.clinics c WHERE NOT EXISTS (SELECT FROM ringfence_private.pseudonym_keys k WHERE k.clinic_id = c.id)
    RETURNING 1
  )
  SELECT count(*)::integer FROM made
$$;
REVOKE ALL ON FUNCTION ringfence_private.restore_pseudonym_keys() FROM PUBLIC;

REVOKE ALL ON FUNCTION ringfence_private.record_release(regclass), ringfence_private.differences() FROM PUBLIC;

-- Down Migration
DROP FUNCTION ringfence_private.restore_pseudonym_keys();
DROP FUNCTION ringfence_private.restore_copies();
DROP FUNCTION ringfence_private.wrong_subscription_windows();
DROP FUNCTION ringfence_private.differences();
DROP FUNCTION ringfence_private.record_release(regclass);
DROP TABLE ringfence_private.release;
DROP VIEW ringfence_private.defences;
DROP FUNCTION ringfence_private.on_this_database(text);
DROP FUNCTION ringfence_private.guarded_settings();
