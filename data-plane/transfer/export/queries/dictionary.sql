-- What the catalogue says of each tenant table: comments, columns, CHECK constraints. `kind` is what JSON would change of a
-- column's values (exact-value.ts); of a domain, what it would of its type's.
WITH RECURSIVE base AS (
  SELECT t.oid, t.oid AS type FROM pg_type t
  UNION ALL SELECT b.oid, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
),
kind AS (
  SELECT b.oid, b.oid <> b.type AS is_domain, t.typcategory = 'A' AND t.typelem <> 0 AS is_array, element.oid AS of,
         element.typtype = 'c' OR EXISTS (SELECT FROM pg_cast k WHERE k.castsource = element.oid AND k.casttarget = 'json'::regtype) AS is_object,
         element.oid IN ('json'::regtype, 'jsonb'::regtype) AS is_json
    FROM base b
    JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
    LEFT JOIN base e ON t.typcategory = 'A' AND e.oid = t.typelem
    JOIN pg_type element ON element.oid = coalesce(e.type, t.oid) AND element.typtype <> 'd'
)
SELECT c.oid::text AS oid,
       obj_description(c.oid, 'pg_class') AS description,
       ARRAY(SELECT pg_get_constraintdef(k.oid, true) FROM pg_constraint k
              WHERE k.conrelid = c.oid AND k.contype = 'c' ORDER BY k.conname) AS rules,
       (SELECT jsonb_agg(jsonb_build_object(
                 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
                 'description', col_description(c.oid, a.attnum),
                 'kind', CASE WHEN k.is_domain AND (k.is_array OR k.is_json) THEN 'text'
                              WHEN k.is_array THEN CASE WHEN k.is_json OR k.is_object THEN 'text' ELSE 'array' END
                              WHEN k.of = 'json'::regtype THEN 'json'
                              WHEN k.of IN ('float4'::regtype, 'float8'::regtype) THEN 'float'
                              WHEN k.is_object AND NOT k.is_json THEN 'text' ELSE 'plain' END) ORDER BY a.attnum)
          FROM pg_attribute a JOIN kind k ON k.oid = a.atttypid
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
  FROM ringfence.tenant_tables t
  JOIN pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
