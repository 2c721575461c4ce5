-- Up Migration

-- One that was withdrawn has ended without a worker.
ALTER TABLE control.submissions DROP CONSTRAINT submissions_run;
ALTER TABLE control.submissions ADD CONSTRAINT submissions_run
  CHECK (CASE state WHEN 'waiting' THEN worker IS NULL WHEN 'running' THEN worker IS NOT NULL ELSE true END);

-- Takes a submission back that no worker has taken; a login that may do nothing else takes back its own. Returns whether it did.
CREATE FUNCTION control.withdraw_submission(submission uuid, exit_status int, error_code text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE control.submissions
     SET state = 'ended', ended_at = now(), exit_status = withdraw_submission.exit_status, error_code = withdraw_submission.error_code,
         request = request - 'manifest'
   WHERE id = submission AND state = 'waiting' AND (session_user = current_user OR login = session_user);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM graphile_worker.remove_job('submission ' || submission);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION control.withdraw_submission(uuid, int, text) FROM PUBLIC;
DO $$
DECLARE
  submitter regrole;
BEGIN
  -- Logins that may submit already.
  FOR submitter IN SELECT r.oid::regrole FROM pg_roles r
                    WHERE shobj_description(r.oid, 'pg_authid') = 'submits commands to Ringfence'
                      AND has_function_privilege(r.oid, 'control.submit(uuid,text,jsonb,jsonb,text,text,text)', 'EXECUTE') LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION control.withdraw_submission(uuid, int, text) TO %s', submitter);
  END LOOP;
END $$;

-- Down Migration
DROP FUNCTION control.withdraw_submission(uuid, int, text);
ALTER TABLE control.submissions DROP CONSTRAINT submissions_run;
ALTER TABLE control.submissions ADD CONSTRAINT submissions_run CHECK ((state = 'waiting') = (worker IS NULL)) NOT VALID;
