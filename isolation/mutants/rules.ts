import type { Mutant } from './mutant.js';

const scenarios = ['forged-badge'] as const;

/** Mutants of the rules for a clinic's own people: roles, subscription, audit log, quotas. */
export const RULE_MUTANTS: readonly Mutant[] = [
  {
    id: 'no-guard',
    removes: 'the refusal of writes that a role may not do',
    isolation: [37],
    sql: 'DROP TRIGGER ringfence_guard ON clinical.services',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'no-visit-rule',
    removes: 'the status of the visit from the key of a permission',
    isolation: [37],
    sql: 'DROP TRIGGER ringfence_rules ON clinical.patients',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'final-prescriptions',
    removes: 'the finality of a prescription',
    isolation: [37],
    sql: 'DROP TRIGGER ringfence_rules ON clinical.prescriptions',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'silent-writes',
    removes: 'the audit log of one table',
    isolation: [37],
    sql: 'DROP TRIGGER ringfence_audit_update ON clinical.services',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'unchained-log',
    removes: 'the hash chain of the audit log',
    isolation: [37],
    sql: 'DROP TRIGGER ringfence_seal ON clinical.audit_events',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'auditor-reads-patients',
    removes: 'the anonymity of what an auditor sees',
    isolation: [37],
    sql: 'DROP POLICY not_for_auditors ON clinical.patients',
    scenarios,
    caughtBy: 'attack',
  },
  {
    id: 'ended-subscription',
    removes: 'the refusal of writes after a subscription ended',
    isolation: [37],
    sql: `CREATE OR REPLACE FUNCTION ringfence.may_write() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT true'`,
    scenarios,
    caughtBy: 'attack',
  },
];
