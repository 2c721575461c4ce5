-- Up Migration

-- Who lives in this cell. Written by enrolment only; applications see their own clinic's row.
CREATE TABLE ringfence.tenants (
  id         uuid PRIMARY KEY,
  slug       text NOT NULL UNIQUE,
  state      text NOT NULL CHECK (state IN ('active', 'suspended', 'archived')),
  login_role name UNIQUE,  -- the tenant's own login, where its manifest asks for one
  created_at timestamptz NOT NULL DEFAULT now(),
  suspended_by text,  -- who closed it; a state that nobody asked for is a difference that a deployment mends
  state_told boolean NOT NULL DEFAULT true  -- whether its clinics have been told of the last change of state
);

CREATE TABLE ringfence.clinics (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES ringfence.tenants (id),
  slug       text NOT NULL,
  name       text NOT NULL,
  vertical   text NOT NULL,
  time_zone  text NOT NULL,
  state      text NOT NULL CHECK (state IN ('active', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, slug)
);

CREATE TABLE ringfence.quotas (
  tenant_id            uuid PRIMARY KEY REFERENCES ringfence.tenants (id) ON DELETE CASCADE,
  connections          integer NOT NULL CHECK (connections > 0),
  statement_timeout_ms integer NOT NULL CHECK (statement_timeout_ms > 0),
  storage_bytes        bigint NOT NULL CHECK (storage_bytes > 0),
  rows                 bigint NOT NULL CHECK (rows > 0),
  requests_per_minute  integer NOT NULL CHECK (requests_per_minute > 0),
  concurrent_users     integer NOT NULL CHECK (concurrent_users > 0),
  compute_seconds_per_day integer NOT NULL CHECK (compute_seconds_per_day > 0),
  monthly_cost_cap_eur numeric(10, 2) NOT NULL CHECK (monthly_cost_cap_eur > 0)
);

-- The catalogue that the schema lint compares the database with: every table is one or the other.
CREATE TABLE ringfence.tenant_tables (
  schema_name name NOT NULL,
  table_name  name NOT NULL,
  append_only boolean NOT NULL,
  read_only boolean NOT NULL DEFAULT false,  -- written by Ringfence alone
  PRIMARY KEY (schema_name, table_name)
);
CREATE TABLE ringfence.global_tables (
  schema_name name NOT NULL,
  table_name  name NOT NULL,
  reason      text NOT NULL,
  PRIMARY KEY (schema_name, table_name)
);
-- Definer functions and materialised views that were looked at and found safe.
CREATE TABLE ringfence.reviewed_objects (
  identity text PRIMARY KEY,
  reason   text NOT NULL
);

REVOKE ALL ON ALL TABLES IN SCHEMA ringfence FROM PUBLIC;
ALTER TABLE ringfence.tenants OWNER TO ringfence_owner;
ALTER TABLE ringfence.clinics OWNER TO ringfence_owner;
ALTER TABLE ringfence.quotas OWNER TO ringfence_owner;
ALTER TABLE ringfence.tenant_tables OWNER TO ringfence_owner;
ALTER TABLE ringfence.global_tables OWNER TO ringfence_owner;
ALTER TABLE ringfence.reviewed_objects OWNER TO ringfence_owner;

-- clinics is the root of every tenant table: its own id is the boundary.
ALTER TABLE ringfence.clinics ENABLE ROW LEVEL SECURITY;
ALTER TABLE ringfence.clinics FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON ringfence.clinics AS PERMISSIVE FOR SELECT
  USING (id = (SELECT ringfence.current_clinic() WHERE pg_typeof(ringfence.plan_mark()) IS NOT NULL));
GRANT SELECT ON ringfence.clinics TO ringfence_app, ringfence_tenant;

INSERT INTO ringfence.global_tables (schema_name, table_name, reason) VALUES
  ('ringfence', 'tenants', 'the tenants of this cell; no application role may read it'),
  ('ringfence', 'clinics', 'the root of the boundary; its policy is on id'),
  ('ringfence', 'quotas', 'limits by tenant; no application role may read it'),
  ('ringfence', 'tenant_tables', 'the catalogue of tenant tables'),
  ('ringfence', 'global_tables', 'this catalogue'),
  ('ringfence', 'reviewed_objects', 'objects that were reviewed by hand'),
  ('ringfence_private', 'migrations', 'the migrations that ran here'),
  ('ringfence_private', 'context_keys', 'keys that verify context tokens; no application role may read it'),
  ('ringfence_private', 'pseudonym_keys', 'keys of the names that an auditor sees; no application role may read it'),
  ('ringfence_private', 'application_logins', 'what the logins of applications are put back to; no application role may read it'),
  ('ringfence_private', 'doors', 'what enter() checks, a row a clinic and key; only ringfence_gate may read it');

-- Down Migration
DROP TABLE ringfence.reviewed_objects, ringfence.global_tables, ringfence.tenant_tables,
  ringfence.quotas, ringfence.clinics, ringfence.tenants;
