-- What is recorded stays as it was; events and subscriptions are written by Ringfence alone.
SELECT r.name AS object,
       format('%s has %s on a table that applications only %s', g.name, a.privilege_type,
              CASE WHEN written.by_us THEN 'read' ELSE 'add to' END) AS problem,
       format('REVOKE %s ON %s FROM %s;', a.privilege_type, r.name, g.name) AS fix
  FROM tenant_table r
  JOIN ringfence.tenant_tables t ON t.schema_name = r.nspname AND t.table_name = r.relname AND t.append_only
 CROSS JOIN LATERAL (SELECT t.read_only AS by_us) written
 CROSS JOIN aclexplode(r.relacl) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE a.privilege_type IN ('UPDATE', 'DELETE') OR a.privilege_type = 'INSERT' AND written.by_us
