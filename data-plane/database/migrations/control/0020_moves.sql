-- Up Migration

-- A move of a tenant from one cell to another (docs/moves.md); its states are those of control-plane/moves/states.ts. `source` has the
-- home until the flip; a rollback exchanges the two.
CREATE TABLE control.moves (
  -- That of the operation that began it.
  id             uuid PRIMARY KEY,
  tenant_id      uuid NOT NULL REFERENCES control.tenants ON DELETE CASCADE,
  source         text NOT NULL REFERENCES control.cells ON DELETE CASCADE,
  destination    text NOT NULL REFERENCES control.cells ON DELETE CASCADE,
  state          text NOT NULL CHECK (state IN ('preparing', 'copying', 'following', 'fenced', 'flipped', 'open', 'window', 'purging',
                                                'purged', 'aborting', 'aborted')),
  -- The fencing token of the run that works on it. It rises with each run of each move of a tenant.
  attempt        integer NOT NULL DEFAULT 0,
  -- Whether it goes back.
  is_rollback    boolean NOT NULL DEFAULT false,
  -- Names of the stream from source to destination, and of the one back.
  stream         text,
  return_stream  text,
  -- The last event of the audit chain that was found equal at both ends.
  seen           bigint NOT NULL DEFAULT 0,
  window_hours   integer NOT NULL CHECK (window_hours > 0),
  window_ends_at timestamptz,
  -- When somebody was told that half of the window, or of the WAL that it may keep, is over.
  warned_at      timestamptz,
  -- What it measured, for `operations show`.
  report         jsonb NOT NULL DEFAULT '{}',
  started_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  CHECK (source <> destination)
);
CREATE UNIQUE INDEX moves_open ON control.moves (tenant_id) WHERE state NOT IN ('purged', 'aborted');

-- The epoch of the route: the number of the placement that is the home. Applications read it here.
ALTER TABLE control.tenants ADD COLUMN epoch integer NOT NULL DEFAULT 1;
UPDATE control.tenants t SET epoch = p.epoch FROM control.placements p WHERE p.tenant_id = t.id AND p.state = 'home';
CREATE FUNCTION control.follow_home() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE control.tenants SET epoch = NEW.epoch WHERE id = NEW.tenant_id AND epoch <> NEW.epoch;
  RETURN NULL;
END
$$;
CREATE TRIGGER follow_home AFTER INSERT OR UPDATE ON control.placements
  FOR EACH ROW WHEN (NEW.state = 'home') EXECUTE FUNCTION control.follow_home();
-- The commit point of a move: from here on the home is the destination. One statement, because the tenant is closed meanwhile.
-- False, with nothing changed, for a run that was taken over.
CREATE FUNCTION control.flip_home(move uuid, run integer, home_epoch integer) RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  flipped control.moves;
BEGIN
  UPDATE control.moves SET state = 'flipped', updated_at = now()
   WHERE id = move AND attempt = run AND state = 'fenced' RETURNING * INTO flipped;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE control.placements SET state = 'leaving', since = now()
   WHERE tenant_id = flipped.tenant_id AND cell = flipped.source AND state = 'home';
  UPDATE control.placements SET state = 'home', since = now(), epoch = home_epoch
   WHERE tenant_id = flipped.tenant_id AND cell = flipped.destination AND state IN ('arriving', 'leaving');
  UPDATE control.tenants t SET cell = c.name, tier = c.tier FROM control.cells c
   WHERE t.id = flipped.tenant_id AND c.name = flipped.destination;
  RETURN true;
END
$$;
DROP TRIGGER notify_directory_update ON control.tenants;
CREATE TRIGGER notify_directory_update AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN ((OLD.cell, OLD.epoch, OLD.state, OLD.security) IS DISTINCT FROM (NEW.cell, NEW.epoch, NEW.state, NEW.security))
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');

ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'add-placement', 'withdraw-placement', 'move', 'rollback-move', 'rehearse-move', 'restore',
                  'import', 'hold', 'release-hold', 'request-erasure', 'cancel-erasure', 'erase'));

-- Down Migration
DELETE FROM control.operations WHERE kind IN ('move', 'rollback-move', 'rehearse-move');
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'add-placement', 'withdraw-placement', 'restore', 'import', 'hold',
                  'release-hold', 'request-erasure', 'cancel-erasure', 'erase'));
DROP TRIGGER notify_directory_update ON control.tenants;
CREATE TRIGGER notify_directory_update AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN ((OLD.cell, OLD.state, OLD.security) IS DISTINCT FROM (NEW.cell, NEW.state, NEW.security))
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');
DROP FUNCTION control.flip_home(uuid, integer, integer);
DROP TRIGGER follow_home ON control.placements;
DROP FUNCTION control.follow_home();
ALTER TABLE control.tenants DROP COLUMN epoch;
DROP TABLE control.moves;
