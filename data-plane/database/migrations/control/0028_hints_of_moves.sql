-- Up Migration

-- A move tells applications of the new home itself, once it is open there: told at the flip, all of them would ask a closed door, and
-- take processors from what opens it.
CREATE OR REPLACE FUNCTION control.notify_directory() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  id text;
BEGIN
  IF current_setting('ringfence.tells_when_open', true) = 'on' THEN
    RETURN NULL;
  END IF;
  FOR id IN SELECT DISTINCT changed ->> TG_ARGV[1] FROM unnest(ARRAY[old_row, new_row]) AS changed
             WHERE changed IS NOT NULL LOOP
    PERFORM pg_notify('ringfence_directory', TG_ARGV[0] || ' ' || id);
  END LOOP;
  RETURN NULL;
END
$$;

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
CREATE OR REPLACE FUNCTION control.notify_directory() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  id text;
BEGIN
  FOR id IN SELECT DISTINCT changed ->> TG_ARGV[1] FROM unnest(ARRAY[old_row, new_row]) AS changed
             WHERE changed IS NOT NULL LOOP
    PERFORM pg_notify('ringfence_directory', TG_ARGV[0] || ' ' || id);
  END LOOP;
  RETURN NULL;
END
$$;
