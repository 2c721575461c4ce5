-- Up Migration

-- What a tenant uses over time. Applications take requests in leases (a few a minute), so a request costs no round
-- trip of its own; what a lease did not use ends with its minute.
CREATE TABLE ringfence_private.usage (
  tenant_id  uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  what       text NOT NULL CHECK (what IN ('requests', 'computeMs', 'monthRequests', 'monthComputeMs')),
  period     timestamptz NOT NULL,
  used       numeric NOT NULL CHECK (used >= 0),
  PRIMARY KEY (tenant_id, what)
);
CREATE TABLE ringfence_private.active_users (
  tenant_id uuid NOT NULL REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  user_id   uuid NOT NULL,
  seen_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);
-- What a unit costs the operator, in euros: the monthly cost cap is measured with it.
CREATE TABLE ringfence.prices (
  what text PRIMARY KEY CHECK (what IN ('millionRequests', 'computeHour', 'storageGibMonth')),
  eur  numeric(10, 4) NOT NULL CHECK (eur >= 0)
);
INSERT INTO ringfence.prices VALUES ('millionRequests', 0.60), ('computeHour', 0.12), ('storageGibMonth', 0.25);
REVOKE ALL ON ringfence_private.usage, ringfence_private.active_users, ringfence.prices FROM PUBLIC;
ALTER TABLE ringfence.prices OWNER TO ringfence_owner;
INSERT INTO ringfence.global_tables VALUES
  ('ringfence_private', 'usage', 'what each tenant uses; no application role may read it'),
  ('ringfence_private', 'active_users', 'who was active of late; no application role may read it'),
  ('ringfence', 'prices', 'what a unit costs; no application role may read it');

-- Adds to a counter, which starts anew with its period, and returns what it holds then.
CREATE FUNCTION ringfence_private.count_usage(tenant uuid, counter text, since timestamptz, amount numeric) RETURNS numeric
  LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO ringfence_private.usage AS u (tenant_id, what, period, used) VALUES (tenant, counter, since, amount)
  ON CONFLICT (tenant_id, what) DO UPDATE
     SET used = CASE WHEN u.period = excluded.period THEN u.used ELSE 0 END + excluded.used, period = excluded.period
  RETURNING used
$$;

-- What this month has cost so far, in euros: storage as it is now, for the part of the month that is over.
CREATE FUNCTION ringfence_private.month_cost_eur(tenant uuid, moment timestamptz) RETURNS numeric
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH month AS (SELECT date_trunc('month', moment, 'UTC') AS began),
  used AS (
    SELECT coalesce((SELECT u.used FROM ringfence_private.usage u, month WHERE u.tenant_id = tenant AND u.what = 'monthRequests' AND u.period = month.began), 0) / 1e6 AS "millionRequests",
           coalesce((SELECT u.used FROM ringfence_private.usage u, month WHERE u.tenant_id = tenant AND u.what = 'monthComputeMs' AND u.period = month.began), 0) / 3.6e6 AS "computeHour",
           coalesce((SELECT l.storage_bytes FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant), 0) / 1024.0 ^ 3
             * (SELECT extract(epoch FROM moment - began) / extract(epoch FROM began + interval '1 month' - began) FROM month) AS "storageGibMonth"
  )
  SELECT round(sum(p.eur * (to_jsonb(used) ->> p.what)::numeric), 4) FROM used, ringfence.prices p
$$;

-- Books what the last lease used (its server time, who came), and leases up to `wanted` requests of this minute. For the
-- service alone: what it is told is booked on all clinics of the tenant, and a clinic's own people answer for one. Nothing is raised: what was used stays booked when no more is given. `refused` is RF005's DETAIL, or NULL.
CREATE FUNCTION ringfence.lease(wanted integer, compute_ms numeric, users uuid[])
  RETURNS TABLE (granted integer, expires_at timestamptz, refused jsonb)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment  timestamptz := clock_timestamp();
  minute  timestamptz := date_trunc('minute', moment);
  day     timestamptz := date_trunc('day', moment, 'UTC');
  month   timestamptz := date_trunc('month', moment, 'UTC');
  tenant  uuid := (SELECT c.tenant_id FROM ringfence.clinics c WHERE c.id = ringfence.current_clinic());
  allowed ringfence.quotas;
  taken   numeric;
  compute numeric;
  active  integer;
  cost    numeric;
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'ringfence: no clinic was entered' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF ringfence.current_staff_role() <> 'service' THEN
    RAISE EXCEPTION 'ringfence: only the service leases requests' USING ERRCODE = 'RF004';
  END IF;
  IF wanted NOT BETWEEN 1 AND 100000 OR compute_ms NOT BETWEEN 0 AND 86400000 OR cardinality(users) > 10000 THEN
    RAISE EXCEPTION 'ringfence: a lease is of 1 to 100,000 requests, up to a day of compute and 10,000 users'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- One lease of a tenant at a time, and one order of locks.
  INSERT INTO ringfence_private.ledgers (tenant_id) VALUES (tenant) ON CONFLICT DO NOTHING;
  PERFORM FROM ringfence_private.ledgers l WHERE l.tenant_id = tenant FOR UPDATE;
  compute := ringfence_private.count_usage(tenant, 'computeMs', day, lease.compute_ms);
  PERFORM ringfence_private.count_usage(tenant, 'monthComputeMs', month, lease.compute_ms);
  INSERT INTO ringfence_private.active_users SELECT tenant, u, moment FROM unnest(users) u GROUP BY u
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET seen_at = excluded.seen_at;
  DELETE FROM ringfence_private.active_users a WHERE a.tenant_id = tenant AND a.seen_at < moment - interval '5 minutes';

  SELECT * INTO allowed FROM ringfence.quotas q WHERE q.tenant_id = tenant;
  taken := ringfence_private.count_usage(tenant, 'requests', minute, 0);
  active := (SELECT count(*) FROM ringfence_private.active_users a WHERE a.tenant_id = tenant);
  cost := ringfence_private.month_cost_eur(tenant, moment);
  granted := least(wanted, coalesce(allowed.requests_per_minute - taken, wanted));
  expires_at := minute + interval '1 minute';
  refused := CASE
    WHEN granted <= 0 THEN
      ringfence_private.quota_refusal('requestsPerMinute', allowed.requests_per_minute, taken + 1, expires_at)
    WHEN compute > allowed.compute_seconds_per_day * 1000.0 THEN
      ringfence_private.quota_refusal('computeSecondsPerDay', allowed.compute_seconds_per_day, round(compute / 1000, 1), day + interval '1 day')
    WHEN active > allowed.concurrent_users THEN
      ringfence_private.quota_refusal('concurrentUsers', allowed.concurrent_users, active, moment + interval '5 minutes')
    WHEN cost > allowed.monthly_cost_cap_eur THEN
      ringfence_private.quota_refusal('monthlyCostCapEur', allowed.monthly_cost_cap_eur, cost, month + interval '1 month') END;
  IF refused IS NOT NULL THEN
    granted := 0;
  ELSE
    PERFORM ringfence_private.count_usage(tenant, 'requests', minute, granted),
            ringfence_private.count_usage(tenant, 'monthRequests', month, granted);
  END IF;
  RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION ringfence.lease(integer, numeric, uuid[]), ringfence_private.count_usage(uuid, text, timestamptz, numeric),
  ringfence_private.month_cost_eur(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ringfence.lease(integer, numeric, uuid[]) TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.lease(integer,numeric,uuid[])', 'books and leases for the tenant of the clinic that was entered');

-- Down Migration
DROP FUNCTION ringfence.lease(integer, numeric, uuid[]);
DROP FUNCTION ringfence_private.month_cost_eur(uuid, timestamptz);
DROP FUNCTION ringfence_private.count_usage(uuid, text, timestamptz, numeric);
DROP TABLE ringfence.prices, ringfence_private.active_users, ringfence_private.usage;
