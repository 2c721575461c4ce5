-- Up Migration

-- Since when the tenant is not open here: whoever finds a fence that no run goes on with opens it.
ALTER TABLE ringfence.tenants ADD COLUMN fenced_since timestamptz;

-- Draws or opens a fence. Who opens it gives the epoch of the placement; it never falls.
CREATE OR REPLACE FUNCTION ringfence_private.set_fence(tenant uuid, moving uuid, tried integer, wanted text, at_least integer DEFAULT 1) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM ringfence_private.require_move(tenant, moving, tried);
  UPDATE ringfence.tenants t SET fence = wanted, epoch = greatest(t.epoch, at_least),
    fenced_since = CASE WHEN wanted <> 'open' THEN coalesce(t.fenced_since, clock_timestamp()) END WHERE t.id = tenant;
END
$$;

-- Down Migration
ALTER TABLE ringfence.tenants DROP COLUMN fenced_since;
-- The function that is made anew above goes with the migration that made it first.
