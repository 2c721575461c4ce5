-- A view reads as its owner unless it says otherwise.
SELECT r.name AS object,
       'a view over tenant tables that reads them as its owner' AS problem,
       format('ALTER VIEW %s SET (security_invoker = true);', r.name) AS fix
  FROM relation r JOIN reader USING (oid)
 WHERE r.relkind = 'v' AND r.name NOT IN (SELECT identity FROM ringfence.reviewed_objects)
   AND NOT EXISTS (SELECT FROM pg_options_to_table(r.reloptions)
                    WHERE option_name = 'security_invoker' AND option_value::boolean)
