-- Up Migration

-- The size class that a cell shall have, and how long no client could connect at its last restart for new settings, as measured.
ALTER TABLE control.cells
  ADD COLUMN size text NOT NULL DEFAULT 'small',
  ADD COLUMN restart_ms integer CHECK (restart_ms >= 0),
  ADD COLUMN restarted_at timestamptz,
  ADD CONSTRAINT cells_restart CHECK ((restart_ms IS NULL) = (restarted_at IS NULL));

-- Down Migration
ALTER TABLE control.cells DROP CONSTRAINT cells_restart, DROP COLUMN size, DROP COLUMN restart_ms, DROP COLUMN restarted_at;
