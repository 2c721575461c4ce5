-- A materialised view is a copy without policies.
SELECT r.name AS object,
       'a materialised view keeps the rows of every clinic where no policy holds' AS problem,
       format('DROP MATERIALIZED VIEW %s;', r.name) AS fix
  FROM relation r JOIN reader USING (oid)
 WHERE r.relkind = 'm' AND r.name NOT IN (SELECT identity FROM ringfence.reviewed_objects)
