-- Up Migration

-- What of a tenant lies in which cell, by the words of core/lifecycle.ts. `epoch` counts a tenant's placements: a later one has a
-- higher number.
CREATE TABLE control.placements (
  tenant_id uuid NOT NULL REFERENCES control.tenants ON DELETE CASCADE,
  cell      text NOT NULL REFERENCES control.cells ON DELETE CASCADE,
  epoch     integer NOT NULL CHECK (epoch > 0),
  state     text NOT NULL CHECK (state IN ('arriving', 'home', 'leaving', 'left')),
  since     timestamptz NOT NULL DEFAULT now(),
  -- The one that made it, so that giving it up takes back no other.
  operation uuid REFERENCES control.operations ON DELETE SET NULL,
  PRIMARY KEY (tenant_id, cell),
  UNIQUE (tenant_id, epoch),
  UNIQUE (tenant_id, cell, state)
);
CREATE UNIQUE INDEX placements_one_home ON control.placements (tenant_id) WHERE state = 'home';
-- A cell that has backups of a tenant had the tenant too.
INSERT INTO control.placements (tenant_id, cell, epoch, state)
SELECT tenant_id, cell, row_number() OVER (PARTITION BY tenant_id ORDER BY is_home, since, cell),
       CASE WHEN is_home THEN 'home' ELSE 'left' END
  FROM (SELECT t.id AS tenant_id, t.cell, true AS is_home, NULL::timestamptz AS since FROM control.tenants t
         UNION ALL
        SELECT t.id, b.cell, false, min(b.started_at) FROM control.tenants t
          JOIN control.backups b ON b.tenant_id = t.id AND b.cell <> t.cell JOIN control.cells c ON c.name = b.cell
         GROUP BY t.id, b.cell) known;

-- `cell` is the route that applications go by. At the end of every transaction it leads to the home.
ALTER TABLE control.tenants ADD COLUMN home text NOT NULL GENERATED ALWAYS AS ('home') STORED;
ALTER TABLE control.tenants ADD CONSTRAINT tenants_route FOREIGN KEY (id, cell, home)
  REFERENCES control.placements (tenant_id, cell, state) DEFERRABLE INITIALLY DEFERRED;

-- A tenant's key under the roots of further cells. The one that applications open, under the root of the home, is in
-- control.tenant_keys; earlier versions of applications read it there.
CREATE TABLE control.tenant_key_wraps (
  tenant_id   uuid NOT NULL,
  version     integer NOT NULL,
  root_key_id text NOT NULL,
  wrapped     bytea NOT NULL,
  PRIMARY KEY (tenant_id, version, root_key_id),
  FOREIGN KEY (tenant_id, version) REFERENCES control.tenant_keys
);

ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'add-placement', 'withdraw-placement', 'restore', 'import', 'hold',
                  'release-hold', 'request-erasure', 'cancel-erasure', 'erase'));

-- Down Migration
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'restore', 'import', 'hold', 'release-hold',
                  'request-erasure', 'cancel-erasure', 'erase'));
DROP TABLE control.tenant_key_wraps;
ALTER TABLE control.tenants DROP CONSTRAINT tenants_route, DROP COLUMN home;
DROP TABLE control.placements;
