-- Up Migration

-- That the replica of its cell took over is noted of every tenant there: what was written last may be lost.
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'add-placement', 'withdraw-placement', 'move', 'rollback-move', 'rehearse-move', 'restore',
                  'failover', 'import', 'hold', 'release-hold', 'request-erasure', 'cancel-erasure', 'erase'));

-- Down Migration
DELETE FROM control.operations WHERE kind = 'failover';
ALTER TABLE control.operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE control.operations ADD CONSTRAINT operations_kind_check
  CHECK (kind IN ('add', 'apply', 'remove', 'restore-removed', 'add-placement', 'withdraw-placement', 'move', 'rollback-move', 'rehearse-move', 'restore',
                  'import', 'hold', 'release-hold', 'request-erasure', 'cancel-erasure', 'erase'));
