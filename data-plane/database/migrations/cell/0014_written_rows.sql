-- Up Migration

-- A virtual column takes no bytes, and the tables of a trigger's rows do not have its value (Postgres 18: "unexpected virtual generated
-- column reference"): every statement that wrote such a table failed.
CREATE OR REPLACE FUNCTION ringfence_private.row_bytes(target regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '24' || coalesce(string_agg(CASE
           WHEN t.typlen > 0 THEN format(' + CASE WHEN n.%1$I IS NULL THEN 0 ELSE %2$s END', a.attname, t.typlen)
           WHEN t.oid IN ('text'::regtype, 'varchar'::regtype, 'bytea'::regtype) THEN format(' + coalesce(octet_length(n.%I), 0)', a.attname)
           ELSE format(' + coalesce(octet_length(n.%I::text), 0)', a.attname) END, '' ORDER BY a.attnum), '')
    FROM pg_attribute a
    JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
   WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
$$;

SELECT ringfence.protect(t.oid) FROM pg_class t
 WHERE EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgfoid = 'ringfence_private.audit_write()'::regprocedure)
   AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attgenerated = 'v');

-- The bytes and the keys of written rows are texts: they may not depend on how a session wants texts.
ALTER FUNCTION ringfence_private.audit_write() SET extra_float_digits = 1;
ALTER FUNCTION ringfence_private.audit_write() SET bytea_output = 'hex';
ALTER FUNCTION ringfence_private.audit_write() SET "DateStyle" = 'ISO, MDY';
ALTER FUNCTION ringfence_private.audit_write() SET "IntervalStyle" = 'postgres';

-- Down Migration
ALTER FUNCTION ringfence_private.audit_write() RESET ALL;
ALTER FUNCTION ringfence_private.audit_write() SET search_path = pg_catalog, pg_temp;
-- The function that is made anew above goes with the migration that made it first.
