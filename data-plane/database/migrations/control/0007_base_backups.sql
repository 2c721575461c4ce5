-- Up Migration

-- How many days back any second of a cell can be restored. 35 is the most that RDS keeps.
ALTER TABLE control.cells ADD COLUMN history_days integer NOT NULL DEFAULT 7 CHECK (history_days BETWEEN 1 AND 35);

-- Down Migration
ALTER TABLE control.cells DROP COLUMN history_days;
