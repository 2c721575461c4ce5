-- Up Migration

-- Where a backup's archive has its manifest, so that the next one finds in it what need not be sent again; and which
-- archives it refers to. Those are kept as long as it is.
ALTER TABLE control.backups ADD COLUMN manifest_start_byte bigint, ADD COLUMN manifest_record bigint,
  ADD CONSTRAINT manifest_place_whole CHECK ((manifest_start_byte IS NULL) = (manifest_record IS NULL));
CREATE TABLE control.backup_bases (
  backup_id uuid NOT NULL REFERENCES control.backups (id) ON DELETE CASCADE,
  base_id   uuid NOT NULL REFERENCES control.backups (id) ON DELETE CASCADE,
  PRIMARY KEY (backup_id, base_id)
);
CREATE INDEX backup_bases_base ON control.backup_bases (base_id);

-- Down Migration
DROP TABLE control.backup_bases;
ALTER TABLE control.backups DROP COLUMN manifest_start_byte, DROP COLUMN manifest_record;
