-- Up Migration

-- Notes the keys of changed rows of tenants that move, as texts: JSON has no bounds of arrays, and one null for two. `written` has the rows, with clinic_id and the columns of the key.
CREATE OR REPLACE FUNCTION ringfence_private.audit_write() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
DECLARE
  sources text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT n.clinic_id, %1$s AS key, 1 AS rows, (%2$s)::bigint AS bytes FROM new_rows n'
    WHEN 'DELETE' THEN 'SELECT n.clinic_id, %1$s AS key, -1 AS rows, -(%2$s)::bigint AS bytes FROM old_rows n'
    ELSE 'SELECT n.clinic_id, %1$s AS key, 0 AS rows, (%2$s)::bigint AS bytes FROM new_rows n
          UNION ALL SELECT n.clinic_id, NULL, 0, -(%2$s)::bigint FROM old_rows n' END;
  key text := coalesce((SELECT 'concat_ws(''/'', ' || string_agg('n.' || part, ', ' ORDER BY at) || ')'
                          FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1), '''''');
  columns text;
  named   text;
BEGIN
  EXECUTE format(
    'INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT clinic_id, $1, $2, $3, jsonb_build_object(''rows'', count(key), ''rowsDelta'', sum(rows),
              ''bytesDelta'', sum(bytes), ''keys'', to_jsonb((array_agg(key) FILTER (WHERE key IS NOT NULL))[1:50]))
       FROM (' || sources || ') written GROUP BY clinic_id', key, TG_ARGV[0])
    USING ringfence_private.actor(), lower(TG_OP), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  IF EXISTS (SELECT FROM ringfence_private.moves m WHERE m.tracks) THEN
    columns := (SELECT 'clinic_id' || coalesce(string_agg(', ' || part, '' ORDER BY at), '')
                  FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1);
    -- By name: to_jsonb of the whole row would take a column that is called like it.
    named := (SELECT $n$'clinic_id', written.clinic_id$n$ || coalesce(string_agg(format(', %L, written.%s::text', (parse_ident(part))[1], part), '' ORDER BY at), '')
                FROM unnest(TG_ARGV) WITH ORDINALITY AS arg (part, at) WHERE at > 1);
    EXECUTE format(
      'INSERT INTO ringfence_private.changed_keys (tenant_id, relation, key)
       SELECT c.tenant_id, $1, jsonb_build_object(%s) FROM (%s) written JOIN ringfence.clinics c ON c.id = written.clinic_id
         JOIN ringfence_private.moves m ON m.tenant_id = c.tenant_id AND m.tracks', named,
      CASE TG_OP WHEN 'INSERT' THEN format('SELECT %s FROM new_rows', columns)
                 WHEN 'DELETE' THEN format('SELECT %s FROM old_rows', columns)
                 ELSE format('SELECT %1$s FROM new_rows UNION SELECT %1$s FROM old_rows', columns) END)
      USING format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END
$$;

-- The rows with these keys, a jsonb array of objects of texts.
CREATE OR REPLACE FUNCTION ringfence_private.digest_keys(relation regclass, keys jsonb) RETURNS text
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ringfence_private.digest_rows(relation,
           (SELECT format('(%s) IN (SELECT %s FROM jsonb_to_recordset($1) AS k (%s))', ringfence_private.key_columns(relation),
                          string_agg(format('k.%I::%s', name, type), ', ' ORDER BY place), string_agg(format('%I text', name), ', ' ORDER BY place))
              FROM ringfence_private.key_parts(relation)), keys)
$$;

-- Keys that earlier versions have noted are texts already, or become the same ones, but for lists.
UPDATE ringfence_private.changed_keys SET key = (
  SELECT jsonb_object_agg(part.key, CASE jsonb_typeof(part.value) WHEN 'array' THEN to_jsonb(ARRAY(SELECT jsonb_array_elements_text(part.value))::text)
                                                                  ELSE part.value END)
    FROM jsonb_each(changed_keys.key) part)
 WHERE EXISTS (SELECT FROM jsonb_each(changed_keys.key) part WHERE jsonb_typeof(part.value) = 'array');
DROP FUNCTION ringfence_private.key_definition(regclass);

-- Down Migration
-- The functions that are made anew above go with the migrations that made them first.
CREATE FUNCTION ringfence_private.key_definition(relation regclass) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format('%I %s', name, type), ', ' ORDER BY place) FROM ringfence_private.key_parts(relation)
$$;
