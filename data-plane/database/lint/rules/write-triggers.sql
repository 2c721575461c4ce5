-- A tenant table without these triggers takes writes that no role forbids, no log shows and no quota counts.
SELECT t.name AS object, format('the trigger %I is missing or off', wanted.name) AS problem,
       CASE wanted.name
         WHEN 'ringfence_seal' THEN 'DROP TRIGGER IF EXISTS ringfence_seal ON clinical.audit_events; CREATE CONSTRAINT TRIGGER '
           || 'ringfence_seal AFTER INSERT ON clinical.audit_events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
           || 'EXECUTE FUNCTION ringfence_private.seal_audit();'
         ELSE format('SELECT ringfence.protect(%L);', t.name) END AS fix
  FROM tenant_table t
 CROSS JOIN (VALUES ('ringfence_guard'), ('ringfence_audit_insert'), ('ringfence_audit_update'), ('ringfence_audit_delete'),
                    ('ringfence_seal')) AS wanted (name)
 WHERE CASE WHEN t.name = 'clinical.audit_events' THEN wanted.name = 'ringfence_seal'
            WHEN wanted.name = 'ringfence_guard' THEN NOT EXISTS (SELECT FROM ringfence.tenant_tables k
                   WHERE k.schema_name = t.nspname AND k.table_name = t.relname AND k.read_only)
            ELSE wanted.name <> 'ringfence_seal' END
   AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgname = wanted.name AND g.tgenabled IN ('O', 'A'))
UNION ALL
SELECT t.name, format('the trigger %I counts the bytes of other columns than the table has', g.tgname), format('SELECT ringfence.protect(%L);', t.name)
  FROM tenant_table t JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgname LIKE 'ringfence\_audit\_%'
  CROSS JOIN LATERAL (SELECT convert_to(ringfence_private.row_bytes(t.oid), getdatabaseencoding()) || '\x00' AS argument) AS wanted
 WHERE substring(g.tgargs FOR octet_length(wanted.argument)) <> wanted.argument
