-- Up Migration

-- Migrations before this one, in the same transaction, may have left checks of the route to its end: no table is altered with those pending.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- A key that the tenant's customer holds: without it no wrap of the tenant's key opens.
ALTER TABLE control.tenants ADD COLUMN customer_key text,
  -- When it was noticed as closed; null while it is open.
  ADD COLUMN customer_key_closed_at timestamptz,
  ADD CONSTRAINT tenants_customer_key_closed CHECK (customer_key_closed_at IS NULL OR customer_key IS NOT NULL);
CREATE TRIGGER notify_directory_customer_key AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN (OLD.customer_key IS DISTINCT FROM NEW.customer_key)
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');

-- Down Migration
DROP TRIGGER notify_directory_customer_key ON control.tenants;
ALTER TABLE control.tenants DROP CONSTRAINT tenants_customer_key_closed, DROP COLUMN customer_key_closed_at, DROP COLUMN customer_key;
