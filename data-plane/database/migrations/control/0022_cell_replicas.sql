-- Up Migration

-- How many replicas a cell shall have.
ALTER TABLE control.cells ADD COLUMN replicas integer NOT NULL DEFAULT 0 CHECK (replicas IN (0, 1));

-- Down Migration
ALTER TABLE control.cells DROP COLUMN replicas;
