SELECT format('%I.%I', schemaname, tablename) AS "table", policyname AS policy, lower(permissive) AS form, cmd AS command,
       array_to_string(roles, ', ') AS roles, coalesce(qual, '') AS "using", coalesce(with_check, '') AS "withCheck"
  FROM pg_policies ORDER BY 1, 2
