-- Up Migration

-- Backups that were restored into an empty cell, and how long that took: what a tenant's recovery would take (RTO).
CREATE TABLE control.rehearsals (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  uuid NOT NULL,
  backup_id  uuid NOT NULL REFERENCES control.backups (id) ON DELETE CASCADE,
  at         timestamptz NOT NULL,
  cell_ms    bigint NOT NULL CHECK (cell_ms >= 0),
  restore_ms bigint NOT NULL CHECK (restore_ms >= 0),
  rows       bigint NOT NULL CHECK (rows >= 0)
);
CREATE INDEX rehearsals_tenant ON control.rehearsals (tenant_id, at DESC);

-- Down Migration
DROP TABLE control.rehearsals;
