-- Up Migration

-- Analytics across clinics: fixed cubes, of which each month is published once and never again (isolation: what is
-- published twice can be subtracted). data-plane/analytics decides what is published; applications only read it.
DROP TABLE analytics.benchmarks;
DELETE FROM ringfence.global_tables WHERE schema_name = 'analytics';

-- A month of a cube, published whether or not any of its cells could be shown.
CREATE TABLE analytics.publications (
  cube         text NOT NULL,
  month        date NOT NULL CHECK (extract(day FROM month) = 1),
  published_at timestamptz NOT NULL,
  PRIMARY KEY (cube, month)
);
-- A cell that may be shown. What is withheld has no row. 'all' stands for a total.
CREATE TABLE analytics.benchmarks (
  cube     text NOT NULL,
  month    date NOT NULL,
  vertical text NOT NULL,
  band     text NOT NULL CHECK (vertical <> 'all' OR band = 'all'),
  value    bigint NOT NULL CHECK (value >= 0),
  PRIMARY KEY (cube, month, vertical, band),
  FOREIGN KEY (cube, month) REFERENCES analytics.publications (cube, month)
);

CREATE FUNCTION ringfence_private.refuse_correction() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM analytics.publications p
      WHERE p.cube = NEW.cube AND p.month = NEW.month AND p.xmin = pg_current_xact_id()::xid) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'ringfence: what is published in % stays as it is', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation',
    HINT = 'Correct the months that are not published yet: two versions of one figure show who makes the difference.';
END
$$;
REVOKE ALL ON FUNCTION ringfence_private.refuse_correction() FROM PUBLIC;
CREATE TRIGGER published_once BEFORE UPDATE OR DELETE ON analytics.publications
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_correction();
CREATE TRIGGER published_once_whole BEFORE TRUNCATE ON analytics.publications
  FOR EACH STATEMENT EXECUTE FUNCTION ringfence_private.refuse_correction();
CREATE TRIGGER published_once BEFORE INSERT OR UPDATE OR DELETE ON analytics.benchmarks
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_correction();
CREATE TRIGGER published_once_whole BEFORE TRUNCATE ON analytics.benchmarks
  FOR EACH STATEMENT EXECUTE FUNCTION ringfence_private.refuse_correction();

ALTER TABLE analytics.publications OWNER TO ringfence_owner;
ALTER TABLE analytics.benchmarks OWNER TO ringfence_owner;
GRANT SELECT ON analytics.publications, analytics.benchmarks TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.global_tables VALUES
  ('analytics', 'publications', 'which months of the cubes are published; applications only read it'),
  ('analytics', 'benchmarks', 'cells of at least 5 tenants that no other cell gives away; applications only read it');

-- How a blind index is made from the text beside it, for the rotation of keys: 'name' or 'phone'. An application
-- declares its own columns the same way.
COMMENT ON COLUMN clinical.patients.patient_name_index IS 'blind index: name';
COMMENT ON COLUMN clinical.patients.phone_index IS 'blind index: phone';

-- Down Migration
COMMENT ON COLUMN clinical.patients.phone_index IS NULL;
COMMENT ON COLUMN clinical.patients.patient_name_index IS NULL;
DELETE FROM ringfence.global_tables WHERE schema_name = 'analytics';
DROP TABLE analytics.benchmarks, analytics.publications;
DROP FUNCTION ringfence_private.refuse_correction();
CREATE TABLE analytics.benchmarks (
  vertical  text NOT NULL,
  month     date NOT NULL,
  metric    text NOT NULL,
  clinics   integer NOT NULL CHECK (clinics >= 5),
  patients  integer NOT NULL CHECK (patients >= 5),
  value     numeric NOT NULL,
  PRIMARY KEY (vertical, month, metric)
);
ALTER TABLE analytics.benchmarks OWNER TO ringfence_owner;
GRANT SELECT ON analytics.benchmarks TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.global_tables VALUES
  ('analytics', 'benchmarks', 'aggregates over at least 5 clinics and 5 patients; applications only read it');
