-- A rule rewrites an application's statement and runs as the table's owner.
SELECT r.name AS object, format('the rule %I rewrites statements on this table', w.rulename) AS problem,
       format('DROP RULE %I ON %s;', w.rulename, r.name) AS fix
  FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
 WHERE w.rulename <> '_RETURN' AND r.relkind IN ('r', 'p')
