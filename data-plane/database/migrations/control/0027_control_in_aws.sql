-- Up Migration

-- What Ringfence made in AWS for this database; null for one on the machine of its project, and for an instance that was there already.
ALTER TABLE control.project ADD COLUMN infrastructure jsonb CHECK (jsonb_typeof(infrastructure) = 'object');

-- Down Migration
ALTER TABLE control.project DROP COLUMN infrastructure;
