-- Up Migration

-- Rules of the reference schema that a clinic's own people are held to.

-- Every event is chained when its transaction ends.
CREATE CONSTRAINT TRIGGER ringfence_seal AFTER INSERT ON clinical.audit_events
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ringfence_private.seal_audit();

-- Who works where: enter() reads a copy that needs no context. Who has support access to the tenant is not made one of its staff:
-- support only reads.
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
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.active AND NEW.user_id IS NOT NULL THEN
    IF EXISTS (SELECT FROM ringfence.support_grants g JOIN ringfence.clinics c ON c.tenant_id = g.tenant_id
                WHERE c.id = NEW.clinic_id AND g.user_id = NEW.user_id AND g.revoked_at IS NULL AND g.expires_at > clock_timestamp()) THEN
      RAISE EXCEPTION 'ringfence: this user has support access to the tenant, which only reads' USING ERRCODE = 'RF004',
        HINT = 'Assign the user when the support access is over.';
    END IF;
    INSERT INTO ringfence_private.assignments VALUES (NEW.clinic_id, NEW.user_id, NEW.role, NEW.departments);
  END IF;
  RETURN NULL;
END
$$;

-- The sessions that are still in with an assignment that has ended or changed are ended: nobody goes on as what they were. When the
-- transaction ends, so that nobody is thrown out by a change that is taken back and leaves no trace.
CREATE FUNCTION ringfence_private.end_assignment() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.active AND OLD.user_id IS NOT NULL
     AND (TG_OP = 'DELETE' OR (OLD.clinic_id, OLD.user_id, OLD.role, OLD.departments, OLD.active)
          IS DISTINCT FROM (NEW.clinic_id, NEW.user_id, NEW.role, NEW.departments, NEW.active)) THEN
    PERFORM ringfence_private.end_access(OLD.clinic_id, OLD.user_id);
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
CREATE CONSTRAINT TRIGGER end_assignment AFTER UPDATE OR DELETE ON clinical.staff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ringfence_private.end_assignment();
ALTER TABLE clinical.staff ENABLE ALWAYS TRIGGER end_assignment;

-- The other way round: whoever works in a clinic of the tenant is given no support access to it.
CREATE FUNCTION ringfence_private.refuse_staff_as_support() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM ringfence_private.assignments a JOIN ringfence.clinics c ON c.id = a.clinic_id
              WHERE c.tenant_id = NEW.tenant_id AND a.user_id = NEW.user_id) THEN
    RAISE EXCEPTION 'ringfence: this user works in a clinic of the tenant' USING ERRCODE = 'RF004',
      HINT = 'Support only reads: let another person do it, or end the assignment first.';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER refuse_staff_as_support BEFORE INSERT ON ringfence.support_grants
  FOR EACH ROW EXECUTE FUNCTION ringfence_private.refuse_staff_as_support();
REVOKE ALL ON FUNCTION ringfence_private.refuse_staff_as_support(), ringfence_private.end_assignment() FROM PUBLIC;

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

CREATE FUNCTION clinical.department_of_visit(visit uuid) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT v.department FROM clinical.visits v WHERE v.clinic_id = ringfence.current_clinic() AND v.id = visit
$$;
CREATE FUNCTION clinical.visit_of_prescription(prescription uuid) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p.visit_id FROM clinical.prescriptions p WHERE p.clinic_id = ringfence.current_clinic() AND p.id = prescription
$$;

-- Of these rows about patients, those that this role may open now: by the status of the patient's visit, or of the visit that the
-- prescription, or the prescription of the addendum, is of.
CREATE FUNCTION clinical.openable(wanted text, kind text, ids uuid[]) RETURNS SETOF uuid
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT row_id FROM unnest(ids) AS row_id
   WHERE ringfence.can(wanted, CASE kind
           WHEN 'patient' THEN clinical.visit_status_of(row_id)
           WHEN 'prescription' THEN clinical.status_of_visit(clinical.visit_of_prescription(row_id))
           WHEN 'addendum' THEN clinical.status_of_visit(clinical.visit_of_prescription(
                (SELECT a.prescription_id FROM clinical.prescription_addenda a WHERE a.clinic_id = ringfence.current_clinic() AND a.id = row_id)))
           ELSE 'NONE' END)
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
    -- Who may not read a history does not write over it either.
    IF TG_OP = 'UPDATE' AND NEW.medical_history_sealed IS DISTINCT FROM OLD.medical_history_sealed AND ringfence.current_staff_role() <> 'service' THEN
      PERFORM ringfence.require('READ_MEDICAL_HISTORY', clinical.visit_status_of(OLD.id));
    END IF;
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.patients
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_patient();

-- People of a department work on its visits and on those of no department.
CREATE FUNCTION clinical.require_department(department text) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF require_department.department <> ALL (ringfence.current_departments()) THEN
    RAISE EXCEPTION 'ringfence: this visit is of another department' USING ERRCODE = 'RF004';
  END IF;
END
$$;

-- A change of status is an action of its own, which changes nothing else of the visit; a visit stays with its patient.
CREATE FUNCTION clinical.guard_visit() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
    RETURN coalesce(NEW, OLD);
  END IF;
  PERFORM clinical.require_department(department)
     FROM (SELECT OLD.department WHERE TG_OP <> 'INSERT' UNION ALL SELECT NEW.department WHERE TG_OP <> 'DELETE') visit (department);
  -- What is open later than now would be the patient's visit for good.
  IF TG_OP <> 'DELETE' AND ringfence.current_staff_role() <> 'service' AND greatest(NEW.started_at, NEW.finished_at) > clock_timestamp() + interval '1 day' THEN
    RAISE EXCEPTION 'ringfence: a visit does not begin or end in the future' USING ERRCODE = 'RF004';
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
    PERFORM clinical.require_department(clinical.department_of_visit(visit));
    IF TG_OP <> 'DELETE' AND NEW.status = 'final' THEN
      PERFORM ringfence.require('FINALISE_PRESCRIPTION', status);
    END IF;
    PERFORM ringfence.require('DRAFT_PRESCRIPTION', status);
  END LOOP;
  IF TG_OP <> 'DELETE' AND NEW.status = 'final' AND ringfence.current_staff_role() <> 'service' THEN
    NEW.finalised_at := clock_timestamp();
  END IF;
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT OR UPDATE OR DELETE ON clinical.prescriptions
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_prescription();

-- An addendum is appended by people of the visit's department. What role may is in table_actions.
CREATE FUNCTION clinical.guard_addendum() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
  ELSE
    PERFORM clinical.require_department(clinical.department_of_visit(clinical.visit_of_prescription(NEW.prescription_id)));
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT ON clinical.prescription_addenda
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_addendum();

-- Versions of a clinic's configuration follow one another: one that is far ahead would be the last for good.
CREATE FUNCTION clinical.guard_config() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF ringfence.current_clinic() IS NULL THEN
    PERFORM ringfence.require_administrator();
  ELSIF NEW.version > 1 + coalesce((SELECT max(c.version) FROM clinical.clinic_config c WHERE c.clinic_id = NEW.clinic_id), 0)
        AND ringfence.current_staff_role() <> 'service' THEN
    RAISE EXCEPTION 'ringfence: the next version of the configuration is one more than the last' USING ERRCODE = 'RF004';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER ringfence_rules BEFORE INSERT ON clinical.clinic_config
  FOR EACH ROW EXECUTE FUNCTION clinical.guard_config();

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

-- And their prescriptions and addenda, by the visit that shows.
CREATE POLICY department ON clinical.prescriptions AS RESTRICTIVE FOR SELECT
  USING ((SELECT ringfence.current_departments() IS NULL)
         OR EXISTS (SELECT FROM clinical.visits v WHERE v.clinic_id = prescriptions.clinic_id AND v.id = prescriptions.visit_id));
CREATE POLICY department ON clinical.prescription_addenda AS RESTRICTIVE FOR SELECT
  USING ((SELECT ringfence.current_departments() IS NULL)
         OR EXISTS (SELECT FROM clinical.prescriptions p WHERE p.clinic_id = prescription_addenda.clinic_id AND p.id = prescription_addenda.prescription_id));

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
         -- Of staff not even the role: one that a single person has would name them.
         CASE WHEN NOT anonymous OR e.actor IN ('service', 'unknown') THEN e.actor
              ELSE CASE WHEN e.actor ~ '^(super_admin|administrator):' THEN substring(e.actor FROM '^[a-z_]+:') ELSE 'staff:' END
                   || ringfence_private.pseudonym(e.clinic_id, e.actor) END,
         e.action,
         -- A table, or what Ringfence itself writes; the application's own subjects may name somebody.
         CASE WHEN NOT anonymous THEN e.subject
              WHEN e.detail ? 'application' THEN 'application' ELSE substring(e.subject FROM '^[^:]*') END,
         CASE WHEN anonymous THEN e.detail - ARRAY['keys', 'application', 'reason'] ELSE e.detail END
    FROM clinical.audit_events e
   CROSS JOIN (SELECT ringfence.current_staff_role() = 'auditor' AS anonymous) reader
   WHERE e.clinic_id = ringfence.current_clinic() AND e.at >= since AND e.at < until
     AND (anonymous OR ringfence.can('READ_AUDIT'))
   ORDER BY e.at
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA clinical FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clinical.visit_status_of(uuid), clinical.status_of_visit(uuid), clinical.department_of_visit(uuid),
  clinical.visit_of_prescription(uuid), clinical.openable(text, text, uuid[]), clinical.require_department(text),
  ringfence.audit_trail(timestamptz, timestamptz)
  TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.reviewed_objects VALUES
  ('ringfence.audit_trail(timestamp with time zone,timestamp with time zone)', 'reads events of the clinic that was entered'),
  ('clinical.visit_status_of(uuid)', 'tells the status of a visit of the clinic that was entered, and nothing else of it'),
  ('clinical.status_of_visit(uuid)', 'tells the status of a visit of the clinic that was entered, and nothing else of it'),
  ('clinical.department_of_visit(uuid)', 'tells the department of a visit of the clinic that was entered, and nothing else of it'),
  ('clinical.visit_of_prescription(uuid)', 'tells the visit of a prescription of the clinic that was entered, and nothing else of it'),
  ('ringfence_private.sync_assignments()', 'a trigger: copies who works where'),
  ('ringfence_private.end_assignment()', 'a trigger: ends the sessions of who does not work here any more'),
  ('ringfence_private.make_pseudonym_key()', 'a trigger: makes the key of a new clinic'),
  ('ringfence_private.sync_subscription()', 'a trigger: copies until when a clinic reads and writes');

-- Down Migration
DROP FUNCTION ringfence.audit_trail(timestamptz, timestamptz);
DROP TRIGGER sync_subscription ON clinical.subscriptions;
DROP TRIGGER sync_assignments ON clinical.staff;
DROP TRIGGER end_assignment ON clinical.staff;
DROP TRIGGER refuse_staff_as_support ON ringfence.support_grants;
DROP TRIGGER ringfence_rules ON clinical.prescription_addenda;
DROP TRIGGER ringfence_rules ON clinical.clinic_config;
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
DROP POLICY department ON clinical.prescriptions;
DROP POLICY department ON clinical.prescription_addenda;
DROP POLICY audit_readers ON clinical.audit_events;
DROP POLICY not_for_auditors ON clinical.patients;
DROP POLICY not_for_auditors ON clinical.conversations;
DROP POLICY not_for_auditors ON clinical.messages;
DROP POLICY not_for_auditors ON clinical.prescriptions;
DROP POLICY not_for_auditors ON clinical.prescription_addenda;
DROP FUNCTION clinical.guard_patient(), clinical.guard_visit(), clinical.guard_prescription(), clinical.guard_invoice(), clinical.guard_invoice_line(), clinical.status_of_visit(uuid),
  clinical.guard_staff(), clinical.visit_status_of(uuid), ringfence_private.sync_assignments(), ringfence_private.end_access(uuid, uuid),
  ringfence_private.end_assignment(), ringfence_private.refuse_staff_as_support(), clinical.guard_addendum(), clinical.guard_config(),
  clinical.openable(text, text, uuid[]), clinical.department_of_visit(uuid), clinical.visit_of_prescription(uuid), clinical.require_department(text),
  ringfence_private.sync_subscription();
DELETE FROM ringfence.table_actions WHERE schema_name = 'clinical';
