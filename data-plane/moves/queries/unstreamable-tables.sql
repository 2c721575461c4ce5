-- Tenant tables that a publication would not bring, or that nobody could update any more while they are published.
SELECT t.name AS "table", p.why, format(p.fix, t.name, t.child, t.unlogged) AS fix
  FROM (SELECT format('%I.%I', t.schema_name, t.table_name) AS name, c.relreplident,
               (SELECT min(p.oid::regclass::text) FROM pg_class p WHERE p.relpersistence = 'u'
                   AND (p.oid = c.oid OR p.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))) AS unlogged, k.indimmediate,
               EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.indkey) AND a.attgenerated <> '') AS generated,
               (SELECT min(i.inhrelid::regclass::text) FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid
                 WHERE i.inhparent = c.oid AND NOT h.relispartition) AS child
          FROM ringfence.tenant_tables t
          JOIN pg_namespace n ON n.nspname = t.schema_name
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
          LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary) t
 CROSS JOIN LATERAL (VALUES
       (t.unlogged IS NOT NULL, 'is unlogged', 'ALTER TABLE %3$s SET LOGGED'),
       (t.relreplident <> 'd', 'has a replica identity other than its primary key', 'ALTER TABLE %1$s REPLICA IDENTITY DEFAULT'),
       (t.indimmediate IS NOT TRUE, 'has a primary key that is deferrable, or none', 'give %1$s a primary key that is not deferrable'),
       (t.generated, 'has a generated column in its primary key', 'give %1$s a primary key of stored columns'),
       (t.child IS NOT NULL, 'has tables that inherit from it', 'ALTER TABLE %2$s NO INHERIT %1$s')) AS p (applies, why, fix)
 WHERE p.applies
 ORDER BY 1, 2
