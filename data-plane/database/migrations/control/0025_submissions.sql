-- Up Migration

-- Workers that have been at work. One that is has the lock of its id, which the server gives back when its session ends.
CREATE TABLE control.workers (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  process_id int NOT NULL,
  version text NOT NULL,
  began_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION control.worker_lock(worker uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN hashtextextended('worker ' || worker::text, 0);

CREATE FUNCTION control.is_at_work(worker uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (
    SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
     WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
       AND (l.classid::bigint << 32 | l.objid::bigint) = control.worker_lock(worker));

-- Commands that a worker carries out for somebody who does not reach the cells.
CREATE TABLE control.submissions (
  -- Also the correlation id of all that it does.
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  -- Arguments, options and manifest, as the kind's schema has them. Never a secret. The manifest goes when it ends.
  request jsonb NOT NULL CHECK (jsonb_typeof(request) = 'object' AND pg_column_size(request) <= 1048576),
  -- How its output is printed: json, yes, colors.
  printing jsonb NOT NULL,
  slug text,
  version text NOT NULL,
  who text NOT NULL,
  -- What the server knows of who submitted, whatever that says of itself.
  login text NOT NULL DEFAULT session_user,
  address inet DEFAULT inet_client_addr(),
  submitted_at timestamptz NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'ended')),
  worker uuid REFERENCES control.workers,
  -- How often a worker took it up: its fencing token.
  attempt int NOT NULL DEFAULT 0,
  begun_at timestamptz,
  ended_at timestamptz,
  exit_status int,
  error_code text,
  CONSTRAINT submissions_run CHECK ((state = 'waiting') = (worker IS NULL)),
  CONSTRAINT submissions_end CHECK ((state = 'ended') = (ended_at IS NOT NULL) AND (state = 'ended') = (exit_status IS NOT NULL))
);
CREATE UNIQUE INDEX submissions_one_a_tenant ON control.submissions (slug) WHERE state <> 'ended';
CREATE INDEX submissions_newest ON control.submissions (submitted_at);

-- What a submission has printed, in its order.
CREATE TABLE control.submission_output (
  submission uuid NOT NULL REFERENCES control.submissions,
  place bigint GENERATED ALWAYS AS IDENTITY,
  stream text NOT NULL CHECK (stream IN ('out', 'err')),
  text text NOT NULL,
  PRIMARY KEY (submission, place)
);

-- Who asked for what stays as it was, and an end is an end. What an erasure takes out is the tenant's name and the request.
CREATE FUNCTION control.keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND (OLD.id, OLD.kind, OLD.printing, OLD.version, OLD.who, OLD.login, OLD.submitted_at) = (NEW.id, NEW.kind, NEW.printing, NEW.version, NEW.who, NEW.login, NEW.submitted_at)
     AND OLD.address IS NOT DISTINCT FROM NEW.address
     AND (NEW.request = '{}' OR NEW.slug IS NOT DISTINCT FROM OLD.slug AND NEW.request IN (OLD.request, OLD.request - 'manifest'))
     AND (OLD.state <> 'ended' OR (OLD.exit_status, OLD.ended_at, OLD.attempt, OLD.state) = (NEW.exit_status, NEW.ended_at, NEW.attempt, NEW.state))
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a submission stays as it was submitted and as it ended';
END $$;
CREATE TRIGGER keep_submission BEFORE UPDATE OR DELETE ON control.submissions
  FOR EACH ROW EXECUTE FUNCTION control.keep_submission();

-- Writes a command down and puts it into the queue, also for logins that may do nothing else. What such a login says of who it is
-- counts for nothing. Returns whether it was taken: a tenant has one at a time that has not ended.
CREATE FUNCTION control.submit(id uuid, kind text, request jsonb, printing jsonb, slug text, version text, who text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO control.submissions (id, kind, request, printing, slug, version, who)
  VALUES (submit.id, submit.kind, submit.request, submit.printing, submit.slug, submit.version,
          CASE WHEN session_user = current_user THEN submit.who ELSE session_user END)
  ON CONFLICT (slug) WHERE state <> 'ended' DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM graphile_worker.add_job('submission', json_build_object('id', submit.id), job_key := 'submission ' || submit.id);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION control.submit(uuid, text, jsonb, jsonb, text, text, text) FROM PUBLIC;

-- Tells who watches that there is more; the payload is the id.
CREATE FUNCTION control.notify_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ringfence_submission', CASE TG_TABLE_NAME WHEN 'submissions' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'submission' END);
  RETURN NULL;
END $$;
CREATE TRIGGER notify_submission AFTER INSERT OR UPDATE ON control.submissions
  FOR EACH ROW EXECUTE FUNCTION control.notify_submission();
CREATE TRIGGER notify_submission AFTER INSERT ON control.submission_output
  FOR EACH ROW EXECUTE FUNCTION control.notify_submission();

-- Who reaches the cell's server: any process of the project, or the worker in its network alone.
ALTER TABLE control.cells ADD COLUMN reach text NOT NULL DEFAULT 'direct' CHECK (reach IN ('direct', 'worker'));

-- Down Migration
ALTER TABLE control.cells DROP COLUMN reach;
DROP TABLE control.submission_output, control.submissions, control.workers;
DROP FUNCTION control.submit(uuid, text, jsonb, jsonb, text, text, text), control.keep_submission(), control.notify_submission(), control.is_at_work(uuid), control.worker_lock(uuid);
