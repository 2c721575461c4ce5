-- The type of a table's column id; of a domain, the type that it is made of.
WITH RECURSIVE types (type, modifier, base, base_modifier) AS (
  SELECT a.atttypid, a.atttypmod, t.typbasetype, t.typtypmod
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = to_regclass($1) AND a.attname = 'id' AND NOT a.attisdropped
  UNION ALL
  SELECT t.oid, types.base_modifier, t.typbasetype, t.typtypmod
    FROM types JOIN pg_catalog.pg_type t ON t.oid = types.base
)
SELECT format_type(type, modifier) AS type FROM types WHERE base = 0
