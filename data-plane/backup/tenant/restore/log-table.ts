/**
 * The audit log. Its rows are chained when they are inserted, so they are written with triggers on, after all others.
 */
export const LOG_TABLE = 'clinical.audit_events';
