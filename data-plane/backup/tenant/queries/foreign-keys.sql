-- Foreign keys between tenant tables, columns in the order of the key.
SELECT cc.oid::text AS child,
       pc.oid::text AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.attnum
              ORDER BY part.position) AS "childColumns",
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.attnum
              ORDER BY part.position) AS "parentColumns"
  FROM pg_constraint k
  JOIN pg_class cc ON cc.oid = k.conrelid
  JOIN pg_namespace cn ON cn.oid = cc.relnamespace
  JOIN ringfence.tenant_tables child ON child.schema_name = cn.nspname AND child.table_name = cc.relname
  JOIN pg_class pc ON pc.oid = k.confrelid
  JOIN pg_namespace pn ON pn.oid = pc.relnamespace
  JOIN ringfence.tenant_tables parent ON parent.schema_name = pn.nspname AND parent.table_name = pc.relname
 WHERE k.contype = 'f'
 ORDER BY child.schema_name, child.table_name, parent.schema_name, parent.table_name, k.conname
