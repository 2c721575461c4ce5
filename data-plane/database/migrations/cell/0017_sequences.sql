-- Up Migration

-- Sequences that what a tenant brings would take further than half of the way that is left, where others need them too.
CREATE FUNCTION ringfence_private.used_up_sequences(tenant uuid, brought jsonb) RETURNS text[]
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(
    SELECT s.name
      FROM ringfence_private.sequences_of_tenant_tables() s JOIN pg_sequence q ON q.seqrelid = s.name::regclass
     CROSS JOIN LATERAL (SELECT CASE WHEN q.seqincrement > 0 THEN q.seqmax ELSE q.seqmin END::numeric AS last) ending
     WHERE brought -> 'sequences' ? s.name AND NOT q.seqcycle
       AND EXISTS (SELECT FROM ringfence.tenants t WHERE t.id <> tenant)
       AND 2 * sign(q.seqincrement) * (ending.last - (brought -> 'sequences' ->> s.name)::numeric)
           < sign(q.seqincrement) * (ending.last - coalesce(s.last, q.seqstart))
     ORDER BY s.name)
$$;
REVOKE ALL ON FUNCTION ringfence_private.used_up_sequences(uuid, jsonb) FROM PUBLIC;

-- Puts it in place. Triggers do not fire, because it is no news; a sequence never goes back, because others use it too,
-- nor so far that they would find none left. SQLSTATE RF012.
CREATE OR REPLACE FUNCTION ringfence_private.put_carried(tenant uuid, brought jsonb) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  ids uuid[];
  used_up text := array_to_string(ringfence_private.used_up_sequences(tenant, brought), ', ');
BEGIN
  IF used_up <> '' THEN
    RAISE EXCEPTION 'ringfence: % would have little left for the other tenants of this cell: the tenant brings a number near the end', used_up
      USING ERRCODE = 'RF012', HINT = 'Make the column bigint in both cells, or set the sequence back where the tenant comes from: SELECT setval(...).';
  END IF;
  PERFORM set_config('session_replication_role', 'replica', true);
  INSERT INTO ringfence.clinics SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence.clinics, brought -> 'clinics') r
  ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, vertical = excluded.vertical, time_zone = excluded.time_zone,
    state = excluded.state, created_at = excluded.created_at;
  ids := ARRAY(SELECT c.id FROM ringfence.clinics c WHERE c.tenant_id = tenant);
  DELETE FROM ringfence_private.pseudonym_keys WHERE clinic_id = ANY (ids);
  INSERT INTO ringfence_private.pseudonym_keys SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.pseudonym_keys, coalesce(nullif(brought -> 'pseudonym_keys', 'null'), '[]')) r;
  DELETE FROM ringfence_private.usage WHERE tenant_id = tenant;
  INSERT INTO ringfence_private.usage SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.usage, coalesce(nullif(brought -> 'usage', 'null'), '[]')) r;
  DELETE FROM ringfence_private.active_users WHERE tenant_id = tenant;
  INSERT INTO ringfence_private.active_users SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence_private.active_users, coalesce(nullif(brought -> 'active_users', 'null'), '[]')) r;
  DELETE FROM ringfence.support_grants WHERE tenant_id = tenant;
  INSERT INTO ringfence.support_grants SELECT r.* FROM jsonb_populate_recordset(NULL::ringfence.support_grants, coalesce(nullif(brought -> 'support_grants', 'null'), '[]')) r;
  DELETE FROM ringfence_private.support_announcements WHERE clinic_id = ANY (ids);
  -- Transactions of another server mean nothing here: an announcement that counts was committed long ago.
  INSERT INTO ringfence_private.support_announcements
  SELECT r.clinic_id, r.user_id, r.announced_at, '0'::xid8
    FROM jsonb_populate_recordset(NULL::ringfence_private.support_announcements, coalesce(nullif(brought -> 'support_announcements', 'null'), '[]')) r;
  UPDATE ringfence.tenants t SET state = brought -> 'tenant' ->> 'state', suspended_by = brought -> 'tenant' ->> 'suspended_by',
    state_told = (brought -> 'tenant' ->> 'state_told')::boolean, created_at = (brought -> 'tenant' ->> 'created_at')::timestamptz WHERE t.id = tenant;
  PERFORM setval(s.name::regclass, CASE WHEN q.seqincrement > 0 THEN greatest(s.last, (brought -> 'sequences' ->> s.name)::bigint)
                                        ELSE least(s.last, (brought -> 'sequences' ->> s.name)::bigint) END)
     FROM ringfence_private.sequences_of_tenant_tables() s JOIN pg_sequence q ON q.seqrelid = s.name::regclass
    WHERE brought -> 'sequences' ? s.name;
END
$$;

-- Down Migration
DROP FUNCTION ringfence_private.used_up_sequences(uuid, jsonb);
-- The function that is made anew above goes with the migration that made it first.
