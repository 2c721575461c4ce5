-- The roles of a cell. On a deployed cell the engine makes them (stacks/programs/cell.ts); this is the same for servers
-- that no engine manages: tests, scratch cells. Safe to run again.
DO $$
DECLARE
  role record;
BEGIN
  FOR role IN SELECT * FROM (VALUES
    ('ringfence_owner', 'NOLOGIN'),   -- owns the tenant tables; nobody logs in as it
    ('ringfence_gate', 'NOLOGIN'),    -- owns ringfence.enter
    ('ringfence_tenant', 'NOLOGIN'),  -- what each tenant's own login may do
    ('ringfence_app', 'LOGIN'),       -- the application's login
    ('ringfence_keeper', 'LOGIN')     -- puts the application's login back when somebody changed it
  ) AS roles (name, kind)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role.name) THEN
      EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS',
                     role.name, role.kind);
    END IF;
  END LOOP;
END
$$;
