-- Up Migration

-- A move tells applications of the new home itself, once it is open there: told at the flip, all of them would ask a closed door, and
-- take processors from what opens it.
DROP TRIGGER notify_directory_update ON control.tenants;
CREATE TRIGGER notify_directory_update AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN (current_setting('ringfence.tells_when_open', true) IS DISTINCT FROM 'on'
    AND (OLD.cell, OLD.epoch, OLD.state, OLD.security) IS DISTINCT FROM (NEW.cell, NEW.epoch, NEW.state, NEW.security))
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');

-- The flip of a move that opens the new home right after it. (Only a superuser makes a function with `SET` for a setting of one's own.)
CREATE FUNCTION control.flip_closed_home(move uuid, run integer, home_epoch integer) RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  flipped boolean;
BEGIN
  PERFORM set_config('ringfence.tells_when_open', 'on', true);
  flipped := control.flip_home(move, run, home_epoch);
  PERFORM set_config('ringfence.tells_when_open', 'off', true);
  RETURN flipped;
END
$$;

-- Down Migration
DROP FUNCTION control.flip_closed_home(uuid, integer, integer);
DROP TRIGGER notify_directory_update ON control.tenants;
CREATE TRIGGER notify_directory_update AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN ((OLD.cell, OLD.epoch, OLD.state, OLD.security) IS DISTINCT FROM (NEW.cell, NEW.epoch, NEW.state, NEW.security))
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');
