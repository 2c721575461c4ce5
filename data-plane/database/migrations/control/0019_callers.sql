-- Up Migration

-- Who asked for an operation, through what, and what else the same command, or run of a job, did. Of one that was taken over the
-- last attempt's. What was done before this was kept is of unknown callers.
ALTER TABLE control.operations
  ADD COLUMN who text NOT NULL DEFAULT 'unknown',
  ADD COLUMN door text NOT NULL DEFAULT 'unknown',
  ADD COLUMN correlation_id uuid;
ALTER TABLE control.operations ALTER COLUMN who DROP DEFAULT, ALTER COLUMN door DROP DEFAULT;
CREATE INDEX operations_correlation ON control.operations (correlation_id);

ALTER TABLE control.deployments ADD COLUMN correlation_id uuid;

-- Down Migration
ALTER TABLE control.deployments DROP COLUMN correlation_id;
ALTER TABLE control.operations DROP COLUMN who, DROP COLUMN door, DROP COLUMN correlation_id;
