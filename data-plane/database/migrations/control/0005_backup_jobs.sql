-- Up Migration

-- What the jobs need: how old a tenant's last good backup may be, and backups whose time to be kept has passed. Their
-- record stays; the object goes after the record says so, so that no record promises what is gone.
ALTER TABLE control.backup_schedules ADD COLUMN rpo_minutes integer NOT NULL DEFAULT 1440 CHECK (rpo_minutes > 0);
ALTER TABLE control.backups DROP CONSTRAINT backups_state_check;
ALTER TABLE control.backups ADD CONSTRAINT backups_state_check
  CHECK (state IN ('running', 'stored', 'verified', 'failed', 'expired'));
ALTER TABLE control.backups ADD COLUMN removed_at timestamptz;

-- Down Migration
ALTER TABLE control.backups DROP COLUMN removed_at;
ALTER TABLE control.backups DROP CONSTRAINT backups_state_check;
ALTER TABLE control.backups ADD CONSTRAINT backups_state_check
  CHECK (state IN ('running', 'stored', 'verified', 'failed'));
ALTER TABLE control.backup_schedules DROP COLUMN rpo_minutes;
