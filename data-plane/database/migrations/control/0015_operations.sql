-- Up Migration

-- The words of control-plane/operation/kinds.ts and core/lifecycle.ts.
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'restore', 'import', 'hold', 'release-hold',
                  'request-erasure', 'cancel-erasure', 'erase'));
ALTER TABLE control.operations DROP CONSTRAINT operations_state_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_state_check
  CHECK (state IN ('running', 'done', 'failed', 'aborted'));
ALTER TABLE control.tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE control.tenants ADD CONSTRAINT tenants_state_check
  CHECK (state IN ('provisioning', 'active', 'suspended', 'removing', 'removed'));

-- What an operation did: a row when a step begins, one when it is done, one when an abort has undone it.
CREATE TABLE control.operation_steps (
  operation_id uuid NOT NULL REFERENCES control.operations (id) ON DELETE CASCADE,
  step         text NOT NULL,
  attempt      integer NOT NULL CHECK (attempt > 0),
  state        text NOT NULL CHECK (state IN ('begun', 'done', 'undone')),
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (operation_id, attempt, step, state)
);

-- Down Migration
DROP TABLE control.operation_steps;
UPDATE control.operations SET state = 'failed' WHERE state = 'aborted';
ALTER TABLE control.operations DROP CONSTRAINT operations_state_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_state_check CHECK (state IN ('running', 'done', 'failed'));
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check CHECK (kind ~ '^[a-z]+(-[a-z]+)*$');
