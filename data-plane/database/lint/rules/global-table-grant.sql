-- What every clinic reads, no clinic writes; of Ringfence's own tables an application reads its clinic's row.
SELECT t.name AS object, format('%s has %s on a table that is not one clinic''s', g.name, a.privilege_type) AS problem,
       format('REVOKE %s ON %s FROM %s;', a.privilege_type, t.name, g.name) AS fix
  FROM global_table t
  CROSS JOIN aclexplode(t.relacl) a
  JOIN grantee g ON g.oid = a.grantee AND g.oid <> 0
 WHERE a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
    OR a.privilege_type = 'SELECT' AND t.nspname IN ('ringfence', 'ringfence_private') AND t.name <> 'ringfence.clinics'
