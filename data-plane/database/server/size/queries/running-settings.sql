SELECT name, setting, unit, context = 'postmaster' AS "needsRestart",
       source IN ('global', 'database', 'user', 'database user', 'client', 'session') AS "isOfSession"
  FROM pg_settings WHERE name = ANY ($1)
