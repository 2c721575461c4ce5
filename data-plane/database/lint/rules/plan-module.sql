-- auto_explain prints the plans of other people's statements: it fails on the mark that every plan over tenant tables has, and the
-- statement with it; and whoever sets client_min_messages is sent the plans that have none.
SELECT name AS object, 'loads auto_explain, by which statements of applications fail' AS problem,
       format(CASE source WHEN 'session' THEN 'SET %I TO %L;' ELSE 'ALTER SYSTEM SET %I TO %L;' END, name,
              coalesce((SELECT string_agg(module, ', ') FROM regexp_split_to_table(setting, '\s*,\s*') AS module
                         WHERE module !~ '\mauto_explain\M'), '')) AS fix
  FROM pg_settings
 WHERE name IN ('shared_preload_libraries', 'session_preload_libraries') AND setting ~ '\mauto_explain\M'
   AND EXISTS (SELECT FROM pg_type WHERE oid = to_regtype('ringfence.plan_mark') AND typtype = 'b')
