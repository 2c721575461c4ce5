-- Up Migration

-- Since when no field of the tenant has an envelope of this version. Backups that were begun before may hold some.
ALTER TABLE control.tenant_keys ADD COLUMN superseded_at timestamptz;

-- Down Migration
ALTER TABLE control.tenant_keys DROP COLUMN superseded_at;
