-- Up Migration

-- Ends of audit chains, noted outside the cell by each verification that found nothing: whoever rewrites a chain in
-- the cell cannot rewrite these.
CREATE TABLE control.audit_anchors (
  tenant_id uuid NOT NULL,
  seq       bigint NOT NULL CHECK (seq > 0),
  hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
  noted_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, seq)
);

-- Down Migration
DROP TABLE control.audit_anchors;
