-- A number that every clinic draws from tells each of them how busy the others are.
SELECT r.name AS object,
       format('the column %I counts over every clinic', a.attname) AS problem,
       CASE WHEN a.attidentity <> '' THEN format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY;', r.name, a.attname)
            ELSE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT;', r.name, a.attname) END AS fix
  FROM tenant_family r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE a.attidentity <> ''
    OR EXISTS (SELECT FROM pg_attrdef f
                 JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
                 JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                WHERE f.adrelid = r.oid AND f.adnum = a.attnum)
