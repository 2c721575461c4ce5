-- Up Migration

-- When jobs that can wait may slow a tenant down: {"weekday": "sunday", "start": "03:00", "durationMinutes": 120,
-- "timeZone": "Europe/Madrid"}. Null for a tenant that was deployed before it was kept: any time.
ALTER TABLE control.tenants ADD COLUMN maintenance_window jsonb CHECK (jsonb_typeof(maintenance_window) = 'object');

-- Down Migration
ALTER TABLE control.tenants DROP COLUMN maintenance_window;
