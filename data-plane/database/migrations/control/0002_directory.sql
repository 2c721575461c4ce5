-- Up Migration

-- What applications find clinics by (data-plane/access/directory). `security` is what the tenant's manifest asks of
-- people who sign in: {"mfaRequired": true, "sessionMinutes": 480, "allowedNetworks": ["192.0.2.0/24"]}.
ALTER TABLE control.tenants ADD COLUMN security jsonb NOT NULL DEFAULT '{}'
  CHECK (jsonb_typeof(security) = 'object');
ALTER TABLE control.tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE control.tenants ADD CONSTRAINT tenants_state_check
  CHECK (state IN ('provisioning', 'active', 'suspended', 'removing', 'removed'));

-- Tells every application at once, when the change commits: 'tenant <id>' or 'cell <name>'.
CREATE FUNCTION control.notify_directory() RETURNS trigger
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
CREATE TRIGGER notify_directory AFTER INSERT OR DELETE ON control.tenants
  FOR EACH ROW EXECUTE FUNCTION control.notify_directory('tenant', 'id');
CREATE TRIGGER notify_directory_update AFTER UPDATE ON control.tenants
  FOR EACH ROW WHEN ((OLD.cell, OLD.state, OLD.security) IS DISTINCT FROM (NEW.cell, NEW.state, NEW.security))
  EXECUTE FUNCTION control.notify_directory('tenant', 'id');
CREATE TRIGGER notify_directory AFTER INSERT OR UPDATE OR DELETE ON control.clinics
  FOR EACH ROW EXECUTE FUNCTION control.notify_directory('tenant', 'tenant_id');
CREATE TRIGGER notify_directory AFTER UPDATE OR DELETE ON control.cells
  FOR EACH ROW EXECUTE FUNCTION control.notify_directory('cell', 'name');

-- Down Migration
DROP TRIGGER notify_directory ON control.cells;
DROP TRIGGER notify_directory ON control.clinics;
DROP TRIGGER notify_directory_update ON control.tenants;
DROP TRIGGER notify_directory ON control.tenants;
DROP FUNCTION control.notify_directory();
ALTER TABLE control.tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE control.tenants ADD CONSTRAINT tenants_state_check
  CHECK (state IN ('provisioning', 'active', 'removing', 'removed'));
ALTER TABLE control.tenants DROP COLUMN security;
