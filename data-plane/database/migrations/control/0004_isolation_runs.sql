-- Up Migration

-- The six cadences of isolation testing: what ran when, and how it ended.
CREATE TABLE control.isolation_runs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  cadence     text NOT NULL CHECK (cadence IN ('pr', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  outcome     text CHECK (outcome IN ('clean', 'found', 'failed')),
  folder      text NOT NULL,
  steps       jsonb NOT NULL DEFAULT '[]',
  CHECK ((finished_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX isolation_runs_cadence ON control.isolation_runs (cadence, started_at DESC);

-- Down Migration
DROP TABLE control.isolation_runs;
