-- Every foreign key to or from a tenant table, tables of others too, columns in the order of the key. Those to the clinics are
-- left out: a restore holds its clinics, and every row of it is of one of them.
SELECT k.conname AS name,
       format('%I.%I', cn.nspname, cc.relname) AS child,
       format('%I.%I', pn.nspname, pc.relname) AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.attnum
              ORDER BY part.position) AS "childColumns",
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS part (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.attnum
              ORDER BY part.position) AS "parentColumns",
       k.confmatchtype = 'f' AS "isFull",
       k.convalidated AS "isValid",
       -- Since Postgres 18.
       coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) AS "isPeriod"
  FROM pg_constraint k
  JOIN pg_class cc ON cc.oid = k.conrelid
  JOIN pg_namespace cn ON cn.oid = cc.relnamespace
  JOIN pg_class pc ON pc.oid = k.confrelid
  JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid <> 'ringfence.clinics'::regclass
   AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
   AND EXISTS (SELECT FROM ringfence.tenant_tables t
                WHERE (t.schema_name, t.table_name) IN ((cn.nspname, cc.relname), (pn.nspname, pc.relname)))
 ORDER BY 2, 1
