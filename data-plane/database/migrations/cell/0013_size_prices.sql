-- Up Migration

-- A month of a cell of a size class has a price too, such as `cellMonth.large`. None is known before the operator says it.
ALTER TABLE ringfence.prices DROP CONSTRAINT prices_what_check;
ALTER TABLE ringfence.prices ADD CONSTRAINT prices_what_check
  CHECK (what IN ('millionRequests', 'computeHour', 'storageGibMonth') OR what ~ '^cellMonth\.[a-z]+$');

-- Down Migration
DELETE FROM ringfence.prices WHERE what LIKE 'cellMonth.%';
ALTER TABLE ringfence.prices DROP CONSTRAINT prices_what_check;
ALTER TABLE ringfence.prices ADD CONSTRAINT prices_what_check CHECK (what IN ('millionRequests', 'computeHour', 'storageGibMonth'));
