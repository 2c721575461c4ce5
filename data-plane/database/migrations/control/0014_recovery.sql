-- Up Migration

-- The project that this database belongs to, as its folder names it. One row.
CREATE TABLE control.project (
  id           uuid PRIMARY KEY,
  -- How many days back the control database can be restored, and so how long a destroyed key lives on in its backups.
  history_days integer NOT NULL DEFAULT 7 CHECK (history_days BETWEEN 1 AND 28),
  only_one     boolean NOT NULL DEFAULT true UNIQUE CHECK (only_one)
);

-- The manifest that a tenant was last deployed with, every default filled in. It goes into the tenant's backups, so that the
-- tenant can be brought up on a machine that has nothing else.
ALTER TABLE control.tenants ADD COLUMN manifest jsonb CHECK (jsonb_typeof(manifest) = 'object');

-- Restores of the control database's own backup into a server of its own.
CREATE TABLE control.control_rehearsals (
  at      timestamptz PRIMARY KEY,
  ms      integer NOT NULL,
  tenants integer NOT NULL
);

-- Down Migration
DROP TABLE control.control_rehearsals;
ALTER TABLE control.tenants DROP COLUMN manifest;
DROP TABLE control.project;
