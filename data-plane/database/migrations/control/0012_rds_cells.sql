-- Up Migration

-- The instance of Amazon RDS that a cell of target aws lives on, by its identifier, in the cell's region.
ALTER TABLE control.cells ADD COLUMN rds_instance text;
ALTER TABLE control.cells ADD CONSTRAINT cells_rds_instance CHECK ((target = 'aws') = (rds_instance IS NOT NULL));
CREATE UNIQUE INDEX cells_one_an_instance ON control.cells (region, rds_instance);

-- Down Migration
DROP INDEX control.cells_one_an_instance;
ALTER TABLE control.cells DROP CONSTRAINT cells_rds_instance;
ALTER TABLE control.cells DROP COLUMN rds_instance;
