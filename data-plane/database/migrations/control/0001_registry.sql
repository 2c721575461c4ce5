-- Up Migration

-- The control database: which cells and tenants exist, what was done to them, and their wrapped keys.
CREATE SCHEMA IF NOT EXISTS control;

CREATE TABLE control.cells (
  name       text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{1,38}[a-z0-9]$'),
  id         uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  tier       text NOT NULL CHECK (tier IN ('shared', 'dedicated')),
  region     text NOT NULL,
  target     text NOT NULL CHECK (target IN ('local', 'aws')),
  root_key_id text,
  port       integer,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE control.tenants (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{1,38}[a-z0-9]$'),
  cell       text NOT NULL REFERENCES control.cells (name),
  tier       text NOT NULL CHECK (tier IN ('shared', 'dedicated')),
  state      text NOT NULL CHECK (state IN ('provisioning', 'active', 'removing', 'removed')),
  legal_name text NOT NULL,
  plan       text NOT NULL,
  inputs_hash text,
  -- SHA-256 of what the engine knew of its stack at the last deployment.
  stack_hash text,
  deployed_at timestamptz,
  -- Of a removal, from its beginning until the tenant is deployed again: whether it was suspended, what brings it back.
  was_suspended boolean NOT NULL DEFAULT false,
  final_backup uuid,
  removed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE control.clinics (
  id        uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES control.tenants (id),
  slug      text NOT NULL,
  UNIQUE (tenant_id, slug)
);

-- A change that is recorded before it acts and resumed after a crash. `attempt` is its fencing token.
CREATE TABLE control.operations (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id  uuid NOT NULL,
  slug       text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('add', 'apply', 'remove', 'restore')),
  step       text NOT NULL,
  state      text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  attempt    integer NOT NULL DEFAULT 1,
  error_code text,
  started_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX operations_unfinished ON control.operations (slug) WHERE state = 'running';

CREATE TABLE control.tenant_keys (
  tenant_id   uuid NOT NULL,
  version     integer NOT NULL CHECK (version > 0),
  root_key_id text NOT NULL,
  wrapped     bytea,
  created_at  timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL)),
  PRIMARY KEY (tenant_id, version)
);

CREATE TABLE control.backup_schedules (
  tenant_id uuid PRIMARY KEY REFERENCES control.tenants (id),
  cron      text NOT NULL,
  time_zone text NOT NULL,
  retention_days integer NOT NULL CHECK (retention_days > 0),
  retention_weeks integer NOT NULL CHECK (retention_weeks >= 0),
  retention_months integer NOT NULL CHECK (retention_months >= 0)
);

CREATE TABLE control.backups (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  cell        text NOT NULL,
  key_version integer NOT NULL,
  object_key  text NOT NULL UNIQUE,
  state       text NOT NULL CHECK (state IN ('running', 'stored', 'verified', 'failed')),
  rows        bigint,
  size_bytes  bigint,
  digest      text,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  verified_at timestamptz
);
CREATE INDEX backups_tenant ON control.backups (tenant_id, started_at DESC);

-- Down Migration
DROP SCHEMA control CASCADE;
