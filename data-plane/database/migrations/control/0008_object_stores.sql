-- Up Migration

-- Where a backup lies: `folder` for the project's own, or `s3://<bucket>/<prefix>`. So a project that changes to another
-- store still finds, and removes, the backups that it took before.
ALTER TABLE control.backups ADD COLUMN place text NOT NULL DEFAULT 'folder';
ALTER TABLE control.backups ALTER COLUMN place DROP DEFAULT;

-- Down Migration
ALTER TABLE control.backups DROP COLUMN place;
