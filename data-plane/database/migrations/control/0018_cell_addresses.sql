-- Up Migration

-- Where a cell lives: `target` names one of targets/, which are not listed here, and `address` is in that target's own words: {} for
-- a server on this machine, {"rdsInstance": "clinics-prod"} for an instance of Amazon RDS in the cell's region.
ALTER TABLE control.cells ADD COLUMN address jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(address) = 'object');
UPDATE control.cells SET address = jsonb_build_object('rdsInstance', rds_instance) WHERE rds_instance IS NOT NULL;
DROP INDEX control.cells_one_an_instance;
ALTER TABLE control.cells DROP CONSTRAINT cells_rds_instance;
ALTER TABLE control.cells DROP CONSTRAINT cells_target_check;
ALTER TABLE control.cells DROP COLUMN rds_instance;
-- Where the name of a cell says all, as on this machine, the address is empty.
CREATE UNIQUE INDEX cells_one_an_address ON control.cells (target, region, address) WHERE address <> '{}';

-- Down Migration
DROP INDEX control.cells_one_an_address;
ALTER TABLE control.cells ADD COLUMN rds_instance text;
UPDATE control.cells SET rds_instance = address ->> 'rdsInstance';
ALTER TABLE control.cells DROP COLUMN address;
ALTER TABLE control.cells ADD CONSTRAINT cells_target_check CHECK (target IN ('local', 'aws'));
ALTER TABLE control.cells ADD CONSTRAINT cells_rds_instance CHECK ((target = 'aws') = (rds_instance IS NOT NULL));
CREATE UNIQUE INDEX cells_one_an_instance ON control.cells (region, rds_instance);
