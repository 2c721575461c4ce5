-- Up Migration

-- What a tenant, or a cell, was deployed as, each time: append-only but for its outcome. Programs read it; the file of today is only
-- what the next one begins with.
CREATE TABLE control.deployments (
  tenant_id       uuid REFERENCES control.tenants ON DELETE CASCADE,
  cell            text REFERENCES control.cells ON DELETE CASCADE,
  number          integer NOT NULL CHECK (number > 0),
  -- A manifest with every default filled in; of a cell what was asked for.
  inputs          jsonb NOT NULL CHECK (jsonb_typeof(inputs) = 'object'),
  -- Of all that decides what is deployed, hex; null where that is not known any more.
  inputs_hash     text,
  program_version text,
  toolkit_version text,
  -- Of what the engine knew at the end, hex.
  checkpoint_hash text,
  who             text NOT NULL,
  door            text NOT NULL,
  why             text,
  operation       uuid REFERENCES control.operations ON DELETE SET NULL,
  -- `abandoned`: its run was killed. `adopted`: not made by this control database, but found in an archive.
  outcome         text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'failed', 'abandoned', 'adopted')),
  error_code      text,
  started_at      timestamptz NOT NULL DEFAULT now(),
  -- When the engine had done its part.
  applied_at      timestamptz,
  ended_at        timestamptz,
  CHECK (num_nonnulls(tenant_id, cell) = 1),
  CHECK ((outcome = 'running') = (ended_at IS NULL)),
  UNIQUE (tenant_id, number),
  UNIQUE (cell, number)
);

-- What the tenants' rows knew of their last deployment becomes their first record. An earlier version kept no manifest.
INSERT INTO control.deployments (tenant_id, number, inputs, inputs_hash, checkpoint_hash, who, door, outcome, started_at, applied_at, ended_at)
SELECT id, 1, coalesce(manifest, '{}'), inputs_hash, stack_hash, 'unknown', 'upgrade', 'done', deployed_at, deployed_at, deployed_at
  FROM control.tenants WHERE deployed_at IS NOT NULL;

ALTER TABLE control.tenants DROP COLUMN manifest, DROP COLUMN inputs_hash, DROP COLUMN stack_hash;

-- Down Migration
ALTER TABLE control.tenants ADD COLUMN manifest jsonb, ADD COLUMN inputs_hash text, ADD COLUMN stack_hash text;
DROP TABLE control.deployments;
