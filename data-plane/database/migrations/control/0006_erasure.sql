-- Up Migration

-- Erasures (GDPR Art. 17) and what stops them. After an erasure this is all that is kept of the tenant, by its id: the
-- slug becomes a digest, which tells of a slug that somebody knows whether it was erased, and names none.
CREATE TABLE control.erasures (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id    uuid NOT NULL,
  slug         text,
  slug_digest  bytea NOT NULL CHECK (octet_length(slug_digest) = 32),
  cells        text[] NOT NULL,
  clinic_ids   uuid[] NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'cancelled')),
  reason       text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 1000),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  due_at       timestamptz NOT NULL CHECK (due_at >= requested_at),
  -- Nobody of the tenant got in from then on.
  use_stopped_at timestamptz,
  -- The request suspended the tenant, so its cancellation lets it in again.
  resume       boolean NOT NULL,
  cancelled_by text,
  cancelled_at timestamptz,
  cancel_reason text,
  -- What there was when it began, by number.
  inventory    json,
  certificate  json,
  finished_at  timestamptz,
  CHECK ((state = 'done') = (certificate IS NOT NULL AND finished_at IS NOT NULL AND slug IS NULL)),
  CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX erasures_open ON control.erasures (tenant_id) WHERE state IN ('waiting', 'running');
CREATE INDEX erasures_slug ON control.erasures (slug) WHERE slug IS NOT NULL;

-- Legal holds and duties to keep records: while one is active the tenant is not erased.
CREATE TABLE control.holds (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id   uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('legal-hold', 'retention-duty')),
  reason      text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 1000),
  placed_by   text NOT NULL,
  placed_at   timestamptz NOT NULL,
  until       timestamptz,
  released_by text,
  released_at timestamptz,
  release_reason text,
  CHECK ((released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
);
CREATE INDEX holds_tenant ON control.holds (tenant_id);

ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check CHECK (kind ~ '^[a-z]+(-[a-z]+)*$');

-- Down Migration
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore'));
DROP TABLE control.holds;
DROP TABLE control.erasures;
