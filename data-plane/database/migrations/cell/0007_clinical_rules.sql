-- Up Migration

-- Rules of the reference schema that a clinic's own people are held to.

-- Every event is chained when its transaction ends.
CREATE CONSTRAINT TRIGGER ringfence_seal AFTER INSERT ON clinical.audit_events
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ringfence_private.seal_audit();

-- Who works where: enter() reads a copy that needs no context. An assignment that ends or changes is refused at once, and the
-- sessions that are still in with it are ended: nobody goes on as what they were.
CREATE FUNCTION ringfence_private.sync_assignments() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.clinic_id, OLD.user_id, OLD.role, OLD.departments, OLD.active)
      IS NOT DISTINCT FROM (NEW.clinic_id, NEW.user_id, NEW.role, NEW.departments, NEW.active) THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM ringfence_private.assignments WHERE clinic_id = OLD.clinic_id AND user_id = OLD.user_id;
    IF FOUND THEN
      PERFORM ringfence_private.end_access(OLD.clinic_id, OLD.user_id);
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.active AND NEW.user_id IS NOT NULL THEN
    INSERT INTO ringfence_private.assignments VALUES (NEW.clinic_id, NEW.user_id, NEW.role, NEW.departments);
  END IF;
  RETURN NULL;
END
$$;

-- Ends the sessions that are in a clinic as a user, but for this one, and keeps others out until this transaction ends: they hold
-- the lock that enter() takes. Where nobody is a superuser, a run ends with its time limit.
CREATE FUNCTION ringfence_private.end_access(clinic uuid, actor uuid) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence_private.is_managed() THEN
    RETURN;
  END IF;
  PERFORM pg_terminate_backend(l.pid) FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.classid = (uuid_hash(clinic)::bigint & 4294967295)::oid AND l.objid = (uuid_hash(actor)::bigint & 4294967295)::oid;
  PERFORM pg_advisory_xact_lock(uuid_hash(clinic), uuid_hash(actor));
END
$$;
CREATE TRIGGER sync_assignments AFTER INSERT OR UPDATE OR DELETE ON clinical.staff
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_assignments();
ALTER TABLE clinical.staff ENABLE ALWAYS TRIGGER sync_assignments;

-- Writes go on in TRIAL and ACTIVE; reads go on for 14 days after a trial or a paid period ran out. A trial without an
-- end ends 14 days from now.
CREATE FUNCTION ringfence_private.sync_subscription() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fortnight CONSTANT interval := '14 days';
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM ringfence_private.subscription_windows WHERE clinic_id = OLD.clinic_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO ringfence_private.subscription_windows VALUES (NEW.clinic_id,
      CASE NEW.status WHEN 'ACTIVE' THEN 'infinity' WHEN 'TRIAL' THEN coalesce(NEW.trial_ends_at, now() + fortnight)
                      ELSE '-infinity' END,
      CASE NEW.status WHEN 'ACTIVE' THEN 'infinity' WHEN 'TRIAL' THEN coalesce(NEW.trial_ends_at, now() + fortnight) + fortnight
                      WHEN 'PAST_DUE' THEN coalesce(NEW.renews_at, now()) + fortnight ELSE '-infinity' END);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER sync_subscription AFTER INSERT OR UPDATE OR DELETE ON clinical.subscriptions
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.sync_subscription();
ALTER TABLE clinical.subscriptions ENABLE ALWAYS TRIGGER sync_subscription;

INSERT INTO ringfence.table_actions (schema_name, table_name, action) VALUES
  ('clinical', 'clinic_config', 'EDIT_CONFIG'),
  ('clinical', 'services', 'MANAGE_SERVICES'),
  ('clinical', 'staff', 'MANAGE_STAFF'),
  ('clinical', 'patients', 'EDIT_PATIENT'),
  ('clinical', 'appointments', 'BOOK_APPOINTMENT'),
  ('clinical', 'prescription_addenda', 'APPEND_ADDENDUM'),
  ('clinical', 'conversations', 'MESSAGE_PATIENT'),
  ('clinical', 'messages', 'MESSAGE_PATIENT'),
  ('clinical', 'billing_customers', 'MANAGE_BILLING'),
  ('clinical', 'invoices', 'ISSUE_INVOICE'),
  ('clinical', 'invoice_lines', 'ISSUE_INVOICE'),
  ('clinical', 'daily_figures', 'WRITE_FIGURES');

-- The status of a patient's visit: of the open one, else of the one that ended last; NONE before the first. Of visits of every
-- department, as its definer sees them: a rule that asked only those that its caller may read would be none.
CREATE FUNCTION clinical.visit_status_of(patient uuid) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT v.status FROM clinical.visits v
                    WHERE v.clinic_id = ringfence.current_clinic() AND v.patient_id = patient
                    ORDER BY v.status IN ('WAITING', 'WITH_ASSISTANT', 'WITH_DOCTOR') DESC,
                             coalesce(v.finished_at, v.started_at) DESC NULLS LAST LIMIT 1), 'NONE')
$$;

-- The status of a visit of this clinic, of whatever department; NONE where there is no such visit.
CREATE FUNCTION clinical.status_of_visit(visit uuid) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT v.status FROM clinical.visits v WHERE v.clinic_id = ringfence.current_clinic() AND v.id = visit), 'NONE')
$$;

-- Reception edits a patient before the visit, never after.
CREATE FUNCTION clinical.guard_patient() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
  ELSE
    PERFORM ringfence.require('EDIT_PATIENT', CASE TG_OP WHEN 'INSERT' THEN 'NONE' ELSE clinical.visit_status_of(OLD.id) END);
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.patients
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_patient();

-- A change of status is an action of its own, which changes nothing else of the visit; people of a department work on its visits;
-- a visit stays with its patient.
CREATE FUNCTION clinical.guard_visit() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  mine text[] := ringfence.current_departments();
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
    RETURN coalesce(NEW, OLD);
  END IF;
  IF mine IS NOT NULL AND (TG_OP <> 'DELETE' AND NEW.department <> ALL (mine) OR TG_OP <> 'INSERT' AND OLD.department <> ALL (mine)) THEN
    RAISE EXCEPTION 'ringfence: this visit is of another department' USING ERRCODE = 'RF004';
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM ringfence.require('CHECK_IN', 'NONE');
    IF NEW.status <> 'WAITING' THEN
      PERFORM ringfence.require('IMPORT_VISIT', 'NONE');
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.patient_id <> OLD.patient_id AND ringfence.current_staff_role() <> 'service' THEN
      RAISE EXCEPTION 'ringfence: a visit stays with its patient' USING ERRCODE = 'RF004';
    END IF;
    IF (NEW.appointment_id, NEW.department) IS DISTINCT FROM (OLD.appointment_id, OLD.department) THEN
      PERFORM ringfence.require('EDIT_VISIT', OLD.status);
    END IF;
  END IF;
  PERFORM ringfence.require(CASE
    WHEN TG_OP = 'DELETE' THEN 'DELETE_VISIT'
    WHEN NEW.status = OLD.status THEN 'EDIT_VISIT'
    WHEN NEW.status IN ('CANCELED', 'NO_SHOW') THEN 'CANCEL_VISIT'
    WHEN NEW.status = 'DONE' THEN 'FINISH_VISIT'
    WHEN OLD.status = 'WAITING' THEN 'START_VISIT'
    WHEN OLD.status = 'WITH_ASSISTANT' AND NEW.status = 'WITH_DOCTOR' THEN 'HAND_OVER'
    ELSE 'REOPEN_VISIT' END, OLD.status);
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.visits
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_visit();

-- A prescription that is final is never edited, by nobody: addenda are appended.
CREATE FUNCTION clinical.guard_prescription() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  visit  uuid;
  status text;
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
    RETURN coalesce(NEW, OLD);
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.status = 'final' THEN
    RAISE EXCEPTION 'ringfence: a final prescription is not changed; append an addendum' USING ERRCODE = 'RF004';
  END IF;
  -- One that moves is taken from the one visit and given to the other.
  FOR visit IN SELECT OLD.visit_id WHERE TG_OP <> 'INSERT' UNION SELECT NEW.visit_id WHERE TG_OP <> 'DELETE' LOOP
    status := clinical.status_of_visit(visit);
    IF TG_OP <> 'DELETE' AND NEW.status = 'final' THEN
      PERFORM ringfence.require('FINALISE_PRESCRIPTION', status);
    END IF;
    PERFORM ringfence.require('DRAFT_PRESCRIPTION', status);
  END LOOP;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.prescriptions
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_prescription();

CREATE FUNCTION clinical.guard_invoice() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
  ELSE
    PERFORM ringfence.require('ISSUE_INVOICE', clinical.visit_status_of(patient))
       FROM (SELECT OLD.patient_id WHERE TG_OP <> 'INSERT' UNION SELECT NEW.patient_id WHERE TG_OP <> 'DELETE') invoiced (patient);
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.invoices
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_invoice();

-- What an invoice says is changed by whom, and when, it is issued.
CREATE FUNCTION clinical.guard_invoice_line() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
  ELSE
    PERFORM ringfence.require('ISSUE_INVOICE', clinical.visit_status_of(i.patient_id))
       FROM (SELECT OLD.invoice_id WHERE TG_OP <> 'INSERT' UNION SELECT NEW.invoice_id WHERE TG_OP <> 'DELETE') line (invoice)
       JOIN clinical.invoices i ON i.clinic_id = ringfence.current_clinic() AND i.id = line.invoice;
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.invoice_lines
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_invoice_line();

-- Nobody changes what they are themselves, not even by way of another row: another one who manages staff does, or the operator.
-- Only an owner makes, changes or removes an owner.
CREATE FUNCTION clinical.guard_staff() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  is_own    boolean;
  is_owners boolean := TG_OP <> 'DELETE' AND NEW.role = 'owner' OR TG_OP <> 'INSERT' AND OLD.role = 'owner';
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
    RETURN coalesce(NEW, OLD);
  END IF;
  IF is_owners AND ringfence.current_staff_role() NOT IN ('owner', 'service') THEN
    RAISE EXCEPTION 'ringfence: only an owner changes owners' USING ERRCODE = 'RF004';
  END IF;
  is_own := ringfence.current_actor() IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.user_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.user_id END);
  IF is_own AND (TG_OP <> 'UPDATE' OR (OLD.user_id, OLD.role, OLD.departments, OLD.active)
                              IS DISTINCT FROM (NEW.user_id, NEW.role, NEW.departments, NEW.active)) THEN
    RAISE EXCEPTION 'ringfence: nobody changes their own assignment' USING ERRCODE = 'RF004',
      HINT = 'Ask another person who manages staff, or the operator.';
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.staff
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_staff();

-- People of a department see its visits and those of no department.
CREATE POLICY department ON clinical.visits AS RESTRICTIVE FOR SELECT
  USING (department IS NULL
         OR (SELECT ringfence.current_departments() IS NULL AND ringfence.current_staff_role() IS NOT NULL)
         OR department = ANY ((SELECT ringfence.current_departments())::text[]));

-- An auditor sees no row about a patient; the audit log is for those who answer for the clinic.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['patients', 'conversations', 'messages', 'prescriptions', 'prescription_addenda'] LOOP
    EXECUTE format('CREATE POLICY not_for_auditors ON clinical.%I AS RESTRICTIVE FOR SELECT
                    USING ((SELECT ringfence.current_staff_role() <> ''auditor''))', name);
  END LOOP;
END $$;
-- An auditor reads ringfence.audit_trail(), where nobody is named.
CREATE POLICY audit_readers ON clinical.audit_events AS RESTRICTIVE FOR SELECT
  USING ((SELECT ringfence.can('READ_AUDIT') AND ringfence.current_staff_role() <> 'auditor'));

-- The key of the names that an auditor sees: without it, whoever can list the names could find each one's pseudonym.
CREATE TABLE ringfence_private.pseudonym_keys (
  clinic_id uuid PRIMARY KEY REFERENCES ringfence.clinics (id) ON DELETE CASCADE,
  secret    bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
REVOKE ALL ON ringfence_private.pseudonym_keys FROM PUBLIC;
CREATE FUNCTION ringfence_private.make_pseudonym_key() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO ringfence_private.pseudonym_keys (clinic_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER make_pseudonym_key AFTER INSERT ON ringfence.clinics
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.make_pseudonym_key();

-- 12 hex digits of an HMAC in its nested form, of a text of one clinic.
CREATE FUNCTION ringfence_private.pseudonym(clinic uuid, name text) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT left(encode(sha256(k.secret || sha256(k.secret || convert_to(name, 'UTF8'))), 'hex'), 12)
    FROM ringfence_private.pseudonym_keys k WHERE k.clinic_id = clinic
$$;

-- The audit log as its reader may see it: an auditor sees who by a pseudonym of this clinic, and what by its kind.
CREATE FUNCTION ringfence.audit_trail(since timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity')
  RETURNS TABLE (at timestamptz, actor text, action text, subject text, detail jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e.at,
         CASE WHEN anonymous THEN coalesce(substring(e.actor FROM '^[a-z_]+:'), '')
              || ringfence_private.pseudonym(e.clinic_id, e.actor) ELSE e.actor END,
         e.action,
         -- A table, or what Ringfence itself writes; the application's own subjects may name somebody.
         CASE WHEN anonymous AND e.detail ? 'application' THEN 'application' ELSE e.subject END,
         CASE WHEN anonymous THEN e.detail - ARRAY['keys', 'application', 'reason'] ELSE e.detail END
    FROM clinical.audit_events e
   CROSS JOIN (SELECT ringfence.current_staff_role() = 'auditor' AS anonymous) reader
   WHERE e.clinic_id = ringfence.current_clinic() AND e.at >= since AND e.at < until
     AND (anonymous OR ringfence.can('READ_AUDIT'))
   ORDER BY e.at
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA clinical FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clinical.visit_status_of(uuid), clinical.status_of_visit(uuid), ringfence.audit_trail(timestamptz, timestamptz)
  TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.audit_trail(timestamp with time zone,timestamp with time zone)', 'reads events of the clinic that was entered'),
  ('clinical.visit_status_of(uuid)', 'tells the status of a visit of the clinic that was entered, and nothing else of it'),
  ('clinical.status_of_visit(uuid)', 'tells the status of a visit of the clinic that was entered, and nothing else of it'),
  ('ringfence_private.sync_assignments()', 'a trigger: copies who works where, and ends the sessions of who does not any more'),
  ('ringfence_private.make_pseudonym_key()', 'a trigger: makes the key of a new clinic'),
  ('ringfence_private.sync_subscription()', 'a trigger: copies until when a clinic reads and writes');

-- Down Migration
DROP FUNCTION ringfence.audit_trail(timestamptz, timestamptz);
DROP TRIGGER sync_subscription ON clinical.subscriptions;
DROP TRIGGER sync_assignments ON clinical.staff;
DROP TRIGGER ringfence_seal ON clinical.audit_events;
DROP TRIGGER ringfence_rules ON clinical.patients;
DROP TRIGGER ringfence_rules ON clinical.visits;
DROP TRIGGER ringfence_rules ON clinical.prescriptions;
DROP TRIGGER ringfence_rules ON clinical.invoice_lines;
DROP TRIGGER ringfence_rules ON clinical.invoices;
DROP TRIGGER ringfence_rules ON clinical.staff;
DROP FUNCTION ringfence_private.pseudonym(uuid, text);
DROP TRIGGER make_pseudonym_key ON ringfence.clinics;
DROP FUNCTION ringfence_private.make_pseudonym_key();
DROP TABLE ringfence_private.pseudonym_keys;
DROP POLICY department ON clinical.visits;
DROP POLICY audit_readers ON clinical.audit_events;
DROP POLICY not_for_auditors ON clinical.patients;
DROP POLICY not_for_auditors ON clinical.conversations;
DROP POLICY not_for_auditors ON clinical.messages;
DROP POLICY not_for_auditors ON clinical.prescriptions;
DROP POLICY not_for_auditors ON clinical.prescription_addenda;
DROP FUNCTION clinical.guard_patient(), clinical.guard_visit(), clinical.guard_prescription(), clinical.guard_invoice(), clinical.guard_invoice_line(), clinical.status_of_visit(uuid),
  clinical.guard_staff(), clinical.visit_status_of(uuid), ringfence_private.sync_assignments(), ringfence_private.end_access(uuid, uuid),
  ringfence_private.sync_subscription();
DELETE FROM ringfence.table_actions WHERE schema_name = 'clinical';
