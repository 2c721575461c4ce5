-- A role may change what its own sessions begin with (ALTER ROLE); a login that all tenants share begins as the cell says.
SELECT quote_ident(r.rolname) || CASE WHEN d.oid IS NULL THEN '' ELSE format(' in %I', d.datname) END AS object,
       format('begins its sessions with %s', array_to_string(s.setconfig, ', ')) AS problem,
       format('ALTER ROLE %I%s RESET ALL;', r.rolname, CASE WHEN d.oid IS NULL THEN '' ELSE format(' IN DATABASE %I', d.datname) END)
         || coalesce((SELECT string_agg(format(' ALTER ROLE %I SET %I TO %L;', r.rolname, split_part(wanted, '=', 1), substr(wanted, strpos(wanted, '=') + 1)), '')
                        FROM unnest(l.settings) wanted), '') AS fix
  FROM pg_db_role_setting s
  JOIN pg_roles r ON r.oid = s.setrole
  JOIN ringfence_private.application_logins l ON l.login = r.rolname
  LEFT JOIN pg_database d ON d.oid = s.setdatabase
 WHERE s.setdatabase <> 0 OR ARRAY(SELECT unnest(s.setconfig) COLLATE "C" ORDER BY 1) <> l.settings
UNION ALL
SELECT quote_ident(login), 'has another password than the cell has recorded', 'ringfence cells repair <cell>'
  FROM ringfence_private.changed_passwords() login
UNION ALL
-- What would switch triggers, policies or event triggers off for everybody.
SELECT coalesce(quote_ident(d.datname), 'every role'), format('keeps %s for all sessions', setting),
       CASE WHEN d.oid IS NULL THEN 'ALTER ROLE ALL RESET ' ELSE format('ALTER DATABASE %I RESET ', d.datname) END || split_part(setting, '=', 1) || ';'
  FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) setting LEFT JOIN pg_database d ON d.oid = s.setdatabase
 WHERE s.setrole = 0 AND (s.setdatabase = 0 OR d.datname = current_database())
   AND split_part(setting, '=', 1) = ANY (ringfence_private.guarded_settings())
UNION ALL
SELECT name, format('is %s in the server''s configuration', reset_val), format('ALTER SYSTEM RESET %s;', name)
  FROM pg_settings
 WHERE name = ANY (ringfence_private.guarded_settings()) AND reset_val <> boot_val AND source IN ('configuration file', 'command line')
