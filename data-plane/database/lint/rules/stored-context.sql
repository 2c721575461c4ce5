-- A context that a role, the database or the server keeps would be every transaction's.
SELECT coalesce(quote_ident(r.rolname), quote_ident(d.datname), 'every role') AS object,
       'keeps a value of backtrace_functions: every transaction starts in that clinic' AS problem,
       CASE WHEN r.oid IS NULL AND d.oid IS NULL THEN 'ALTER ROLE ALL RESET backtrace_functions;'
            WHEN r.oid IS NULL THEN format('ALTER DATABASE %I RESET backtrace_functions;', d.datname)
            WHEN d.oid IS NULL THEN format('ALTER ROLE %I RESET backtrace_functions;', r.rolname)
            ELSE format('ALTER ROLE %I IN DATABASE %I RESET backtrace_functions;', r.rolname, d.datname) END AS fix
  FROM pg_db_role_setting s
  LEFT JOIN pg_roles r ON r.oid = s.setrole
  LEFT JOIN pg_database d ON d.oid = s.setdatabase
 WHERE (d.oid IS NULL OR d.datname = current_database())
   AND EXISTS (SELECT FROM unnest(s.setconfig) AS setting WHERE setting LIKE 'backtrace_functions=_%')
UNION ALL
SELECT 'backtrace_functions', 'has a value in the server''s configuration: every transaction starts in that clinic',
       'ALTER SYSTEM RESET backtrace_functions;'
  FROM pg_settings
 WHERE name = 'backtrace_functions' AND reset_val <> '' AND source IN ('configuration file', 'command line', 'environment variable')
