-- What the rules select from; it is put in front of them. Names are quoted where they need to be.
WITH RECURSIVE
-- Of a managed cell, where nobody is a superuser: it works as the roles that it made.
administrator AS (
  SELECT datdba AS oid FROM pg_database WHERE datname = current_database() AND ringfence_private.is_managed()
),
-- The logins of applications. A membership that gives neither rights nor the role itself (SET) is none.
login AS (
  SELECT oid FROM pg_roles WHERE rolname IN ('ringfence_app', 'ringfence_tenant')
  UNION
  SELECT r.oid FROM pg_roles r JOIN ringfence.tenants t ON t.login_role = r.rolname
  UNION
  SELECT m.member FROM login JOIN pg_auth_members m ON m.roleid = login.oid
   WHERE m.member NOT IN (SELECT oid FROM administrator)
     AND (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
       OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
),
-- Those logins and every role whose rights they can come by.
application_oid AS (
  SELECT oid FROM login
  UNION
  SELECT m.roleid FROM application_oid JOIN pg_auth_members m ON m.member = application_oid.oid
),
application AS (
  SELECT r.oid, r.rolname, quote_ident(r.rolname) AS name FROM application_oid JOIN pg_roles r USING (oid)
),
-- Who an application is in a list of privileges. A member of ringfence_owner or ringfence_gate is a finding of
-- its own; naming everything that those roles rightly have would bury it.
grantee AS (
  SELECT oid, name FROM application WHERE rolname NOT IN ('ringfence_owner', 'ringfence_gate')
  UNION ALL SELECT 0::oid, 'PUBLIC'
),
user_schema AS (
  SELECT n.oid, n.nspname, quote_ident(n.nspname) AS name, n.nspacl, n.nspowner FROM pg_namespace n
   WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
),
relation AS (
  SELECT c.*, format('%I.%I', s.nspname, c.relname) AS name, s.nspname
    FROM pg_class c JOIN user_schema s ON s.oid = c.relnamespace
),
global_table AS (
  SELECT r.* FROM relation r JOIN ringfence.global_tables g ON g.schema_name = r.nspname AND g.table_name = r.relname
),
tenant_table AS (
  SELECT r.* FROM relation r JOIN ringfence.tenant_tables t ON t.schema_name = r.nspname AND t.table_name = r.relname
),
-- Partitions and children of the tables above, at any depth.
descendant (oid, root) AS (
  SELECT i.inhrelid, i.inhparent FROM pg_inherits i
    JOIN (SELECT oid FROM tenant_table UNION ALL SELECT oid FROM global_table) top ON top.oid = i.inhparent
  UNION
  SELECT i.inhrelid, d.root FROM descendant d JOIN pg_inherits i ON i.inhparent = d.oid
),
tenant_child AS (
  SELECT r.* FROM relation r WHERE r.relkind IN ('r', 'p', 'f')
     AND r.oid IN (SELECT d.oid FROM descendant d JOIN tenant_table t ON t.oid = d.root)
),
-- Every table that holds rows of clinics.
tenant_family AS (
  SELECT * FROM tenant_table UNION SELECT * FROM tenant_child
),
-- Tables that no application may read around their policies: those of clinics, and Ringfence's own.
guarded AS (
  SELECT oid FROM tenant_family
  UNION
  SELECT oid FROM relation WHERE nspname IN ('ringfence', 'ringfence_private') AND relkind IN ('r', 'p')
),
-- Views and materialised views over guarded tables, through other views too.
reader AS (
  SELECT w.ev_class AS oid FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    JOIN guarded g ON g.oid = d.refobjid
   WHERE w.rulename = '_RETURN'
  UNION
  SELECT w.ev_class FROM reader
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = reader.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid AND w.rulename = '_RETURN' AND w.ev_class <> reader.oid
),
routine AS (
  SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p JOIN user_schema s ON s.oid = p.pronamespace
   WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
)
