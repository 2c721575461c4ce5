-- Up Migration

-- The reference schema: the eight data boundaries of a clinic. Columns of type bytea named *_sealed hold
-- field envelopes (docs/formats.md); *_index is a blind index for exact search.
CREATE SCHEMA clinical AUTHORIZATION ringfence_owner;
CREATE SCHEMA analytics AUTHORIZATION ringfence_owner;
CREATE SCHEMA edge AUTHORIZATION ringfence_owner;

-- Clinic configuration: versioned, each change with its reason.
CREATE TABLE clinical.clinic_config (
  clinic_id uuid NOT NULL,
  version   integer NOT NULL CHECK (version > 0),
  config    jsonb NOT NULL,
  why       text NOT NULL CHECK (why <> ''),
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, version)
);
CREATE TABLE clinical.services (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  name      text NOT NULL,
  duration_minutes integer NOT NULL CHECK (duration_minutes > 0),
  price_min_eur numeric(10, 2),
  price_max_eur numeric(10, 2) CHECK (price_max_eur >= price_min_eur),
  price_public boolean NOT NULL DEFAULT false,
  PRIMARY KEY (clinic_id, id)
);

-- People who work here, by assignment: the same user_id may be assigned to several clinics.
CREATE TABLE clinical.staff (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id   uuid CHECK (user_id <> '00000000-0000-0000-0000-000000000000'),  -- that one is the service
  full_name text NOT NULL,
  role      text NOT NULL CHECK (role IN ('owner', 'admin', 'doctor', 'assistant', 'reception', 'auditor', 'visiting')),
  speciality text,
  departments text[] NOT NULL DEFAULT '{}',
  active    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, user_id),
  CHECK (role <> 'visiting' OR user_id IS NULL),
  CHECK (array_to_string(departments, ',', 'NULL') ~ '^([a-z0-9]+(_[a-z0-9]+)*(,[a-z0-9]+(_[a-z0-9]+)*)*)?$')
);

-- Patient profiles: the same person at two clinics is two rows that nothing links.
CREATE TABLE clinical.patients (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  patient_name_sealed bytea NOT NULL,
  patient_name_index  bytea NOT NULL,
  phone_sealed bytea NOT NULL,
  phone_index  bytea NOT NULL,
  medical_history_sealed bytea NOT NULL,
  birth_date date,
  locale     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, id)
);
CREATE INDEX patients_name ON clinical.patients (clinic_id, patient_name_index);
CREATE INDEX patients_phone ON clinical.patients (clinic_id, phone_index);

-- Appointments and what follows from them.
CREATE TABLE clinical.appointments (
  clinic_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  staff_id   uuid NOT NULL,
  service_id uuid NOT NULL,
  starts_at  timestamptz NOT NULL,
  duration_minutes integer NOT NULL CHECK (duration_minutes > 0),
  status     text NOT NULL CHECK (status IN ('booked', 'confirmed', 'arrived', 'done', 'canceled', 'no_show')),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients (clinic_id, id),
  FOREIGN KEY (clinic_id, staff_id) REFERENCES clinical.staff (clinic_id, id),
  FOREIGN KEY (clinic_id, service_id) REFERENCES clinical.services (clinic_id, id)
);
CREATE INDEX appointments_day ON clinical.appointments (clinic_id, starts_at);
CREATE INDEX appointments_patient ON clinical.appointments (clinic_id, patient_id);
CREATE TABLE clinical.visits (
  clinic_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  staff_id   uuid NOT NULL,
  appointment_id uuid,
  department text CHECK (department ~ '^[a-z0-9]+(_[a-z0-9]+)*$'),
  status     text NOT NULL CHECK (status IN ('WAITING', 'WITH_ASSISTANT', 'WITH_DOCTOR', 'DONE', 'CANCELED', 'NO_SHOW')),
  started_at timestamptz CHECK (isfinite(started_at)),
  finished_at timestamptz CHECK (isfinite(finished_at) AND finished_at >= started_at),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients (clinic_id, id),
  FOREIGN KEY (clinic_id, staff_id) REFERENCES clinical.staff (clinic_id, id),
  FOREIGN KEY (clinic_id, appointment_id) REFERENCES clinical.appointments (clinic_id, id)
);
CREATE INDEX visits_status ON clinical.visits (clinic_id, status);
CREATE INDEX visits_patient ON clinical.visits (clinic_id, patient_id);
CREATE TABLE clinical.prescriptions (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  visit_id  uuid NOT NULL,
  status    text NOT NULL CHECK (status IN ('draft', 'final')),
  payload_sealed bytea NOT NULL,
  finalised_at timestamptz CHECK ((finalised_at IS NOT NULL) = (status = 'final')),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, visit_id) REFERENCES clinical.visits (clinic_id, id)
);
CREATE TABLE clinical.prescription_addenda (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  prescription_id uuid NOT NULL,
  note_sealed bytea NOT NULL,
  added_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, prescription_id) REFERENCES clinical.prescriptions (clinic_id, id)
);

-- Messages.
CREATE TABLE clinical.conversations (
  clinic_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  channel    text NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
  opened_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients (clinic_id, id)
);
CREATE INDEX conversations_patient ON clinical.conversations (clinic_id, patient_id);
CREATE TABLE clinical.messages (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL,
  author    text NOT NULL CHECK (author IN ('patient', 'staff', 'assistant')),
  body_sealed bytea NOT NULL,
  sent_at   timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES clinical.conversations (clinic_id, id)
);
CREATE INDEX messages_conversation ON clinical.messages (clinic_id, conversation_id, sent_at);

-- Billing: one payment customer and one subscription a clinic. What the subscription allows is enforced (0007), so
-- applications only read it.
CREATE TABLE clinical.billing_customers (
  clinic_id   uuid NOT NULL PRIMARY KEY,
  provider    text NOT NULL,
  provider_customer_id text NOT NULL
);
CREATE TABLE clinical.subscriptions (
  clinic_id  uuid NOT NULL PRIMARY KEY,
  plan       text NOT NULL,
  status     text NOT NULL CHECK (status IN ('TRIAL', 'ACTIVE', 'PAST_DUE', 'CANCELED', 'EXPIRED', 'SUSPENDED')),
  trial_ends_at timestamptz,
  renews_at  timestamptz
);
CREATE TABLE clinical.invoices (
  clinic_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL,
  number     text NOT NULL,
  issued_at  timestamptz NOT NULL,
  total_eur  numeric(12, 2) NOT NULL,
  status     text NOT NULL CHECK (status IN ('open', 'paid', 'void')),
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, number),
  FOREIGN KEY (clinic_id, patient_id) REFERENCES clinical.patients (clinic_id, id)
);
CREATE INDEX invoices_patient ON clinical.invoices (clinic_id, patient_id);
CREATE TABLE clinical.invoice_lines (
  clinic_id  uuid NOT NULL,
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  invoice_id uuid NOT NULL,
  description text NOT NULL,
  amount_eur numeric(12, 2) NOT NULL,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, invoice_id) REFERENCES clinical.invoices (clinic_id, id)
);
CREATE INDEX invoice_lines_invoice ON clinical.invoice_lines (clinic_id, invoice_id);

-- Audit: written by the triggers of 0004 and by ringfence.audit(); applications only read it.
CREATE TABLE clinical.audit_events (
  clinic_id uuid NOT NULL,
  id        uuid NOT NULL DEFAULT gen_random_uuid(),
  at        timestamptz NOT NULL DEFAULT now(),
  actor     text NOT NULL,
  action    text NOT NULL,
  subject   text NOT NULL,
  detail    jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (clinic_id, id)
);
CREATE INDEX audit_events_at ON clinical.audit_events (clinic_id, at);

-- Analytics: a clinic's own daily figures, and benchmarks across clinics that never show one clinic.
CREATE TABLE clinical.daily_figures (
  clinic_id uuid NOT NULL,
  day       date NOT NULL,
  metric    text NOT NULL,
  value     numeric NOT NULL,
  PRIMARY KEY (clinic_id, day, metric)
);
CREATE TABLE analytics.benchmarks (
  vertical  text NOT NULL,
  month     date NOT NULL,
  metric    text NOT NULL,
  clinics   integer NOT NULL CHECK (clinics >= 5),
  patients  integer NOT NULL CHECK (patients >= 5),
  value     numeric NOT NULL,
  PRIMARY KEY (vertical, month, metric)
);
-- Secrets at the edge are the platform's, never a tenant's: this holds their names, not their values.
CREATE TABLE edge.secrets (
  name       text PRIMARY KEY,
  rotated_at timestamptz NOT NULL
);

-- Written by triggers and by Ringfence alone.
INSERT INTO ringfence.tenant_tables (schema_name, table_name, append_only, read_only)
VALUES ('clinical', 'audit_events', true, true), ('clinical', 'subscriptions', true, true);
SELECT ringfence.protect(name::regclass, append_only => name IN (
    'clinical.audit_events', 'clinical.prescription_addenda', 'clinical.clinic_config', 'clinical.subscriptions'))
  FROM unnest(ARRAY[
    'clinical.clinic_config', 'clinical.services', 'clinical.staff', 'clinical.patients',
    'clinical.appointments', 'clinical.visits', 'clinical.prescriptions', 'clinical.prescription_addenda',
    'clinical.conversations', 'clinical.messages', 'clinical.billing_customers', 'clinical.subscriptions',
    'clinical.invoices', 'clinical.invoice_lines', 'clinical.audit_events', 'clinical.daily_figures'
  ]) WITH ORDINALITY AS list (name, position) ORDER BY position;

ALTER TABLE analytics.benchmarks OWNER TO ringfence_owner;
ALTER TABLE edge.secrets OWNER TO ringfence_owner;
GRANT USAGE ON SCHEMA analytics TO ringfence_app, ringfence_tenant;
GRANT SELECT ON analytics.benchmarks TO ringfence_app, ringfence_tenant;
INSERT INTO ringfence.global_tables VALUES
  ('analytics', 'benchmarks', 'aggregates over at least 5 clinics and 5 patients; applications only read it'),
  ('edge', 'secrets', 'names of the platform''s secrets; no application role may read it');

-- Down Migration
DROP SCHEMA edge CASCADE;
DROP SCHEMA analytics CASCADE;
DROP SCHEMA clinical CASCADE;
