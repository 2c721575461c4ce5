-- Code of an application's own in the database: anonymous blocks loop over guesses faster than any client. In a managed cell
-- nobody can take it from PUBLIC.
SELECT quote_ident(l.lanname) AS object, format('%s may write functions and blocks in this language', g.name) AS problem,
       format('REVOKE ALL ON LANGUAGE %I FROM %s;', l.lanname, g.name) AS fix
  FROM pg_language l
  CROSS JOIN aclexplode(coalesce(l.lanacl, CASE WHEN l.lanpltrusted THEN acldefault('l', l.lanowner) END)) a
  JOIN grantee g ON g.oid = a.grantee AND (g.oid <> 0 OR NOT EXISTS (SELECT FROM administrator))
 WHERE l.lanispl
