-- What role $2 may do with database $1; no row when one of them is gone.
SELECT ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(d.datacl) a WHERE a.grantee = r.oid ORDER BY 1) AS privileges,
       EXISTS (SELECT FROM aclexplode(d.datacl) a WHERE a.grantee = r.oid AND a.is_grantable) AS "withGrantOption"
  FROM pg_database d
 CROSS JOIN pg_roles r
 WHERE d.datname = $1 AND r.rolname = $2
