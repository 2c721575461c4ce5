-- The catalogue and the database say the same: a name without a table would hide the table that replaced it. Ringfence's own tables
-- are not taken from it: nothing would miss them any more.
SELECT format('%I.%I', k.schema_name, k.table_name) AS object,
       format('is in ringfence.%s but there is no such table', k.list) AS problem,
       CASE WHEN k.schema_name IN ('ringfence', 'ringfence_private', 'clinical', 'analytics', 'edge')
            THEN format('make it again as another cell of this version has it (pg_dump --schema-only --table %I.%I), run '
                        'ringfence cells repair <cell>, and bring its rows back with ringfence backups restore', k.schema_name, k.table_name)
            ELSE format('DELETE FROM ringfence.%s WHERE schema_name = %L AND table_name = %L;', k.list, k.schema_name, k.table_name) END AS fix
  FROM (SELECT schema_name, table_name, 'tenant_tables' AS list FROM ringfence.tenant_tables
        UNION ALL SELECT schema_name, table_name, 'global_tables' FROM ringfence.global_tables) k
 WHERE NOT EXISTS (SELECT FROM relation r
                    WHERE r.nspname = k.schema_name AND r.relname = k.table_name AND r.relkind IN ('r', 'p'))
UNION ALL
SELECT t.name, 'is in ringfence.tenant_tables and in ringfence.global_tables',
       format('DELETE FROM ringfence.global_tables WHERE schema_name = %L AND table_name = %L;', t.nspname, t.relname)
  FROM tenant_table t JOIN global_table g USING (oid)
