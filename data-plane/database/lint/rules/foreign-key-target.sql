-- A foreign key is checked with the owner's eyes: between clinics' rows and other tables it is an oracle.
SELECT r.name AS object,
       format('the foreign key %I joins a tenant table and %s', k.conname,
              CASE WHEN t.oid IN (SELECT oid FROM tenant_family) THEN t.name || ' from a table that is none'
                   ELSE t.name || ', which is not in the catalogue' END) AS problem,
       format('ALTER TABLE %s DROP CONSTRAINT %I;', r.name, k.conname) AS fix
  FROM pg_constraint k
  JOIN relation r ON r.oid = k.conrelid
  JOIN relation t ON t.oid = k.confrelid
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND (r.oid IN (SELECT oid FROM tenant_family)
        AND t.oid NOT IN (SELECT oid FROM tenant_family UNION ALL SELECT oid FROM global_table)
     OR t.oid IN (SELECT oid FROM tenant_family) AND r.oid NOT IN (SELECT oid FROM tenant_family))
