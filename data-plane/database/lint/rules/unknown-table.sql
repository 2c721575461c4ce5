-- A table is protected, or somebody wrote down why it is not. Partitions and children belong to their parents.
SELECT r.name AS object,
       CASE r.relkind WHEN 'f' THEN 'a foreign table: row-level security does not reach other servers'
                      ELSE 'neither a tenant table nor a global one' END AS problem,
       CASE r.relkind WHEN 'f' THEN format('DROP FOREIGN TABLE %s;', r.name)
                      ELSE format('SELECT ringfence.protect(%L);', r.name) END AS fix
  FROM relation r
 WHERE r.relkind IN ('r', 'p', 'f') AND (r.relkind = 'f'
    OR NOT EXISTS (SELECT FROM tenant_table t WHERE t.oid = r.oid)
   AND NOT EXISTS (SELECT FROM global_table g WHERE g.oid = r.oid)
   AND NOT EXISTS (SELECT FROM descendant d WHERE d.oid = r.oid))
