/**
 * Every failure that Ringfence names, with the exit status that the CLI gives it.
 * Statuses follow the Pulumi CLI: 1 failure, 2 bad flags, configuration or a missing --yes,
 * 3 authentication, 4 resource failure, 5 policy violation, 6 not found, 7 no changes,
 * 8 cancelled, 9 timeout, 255 internal.
 */
export const EXIT_STATUS = {
  usage: 2,
  manifest_invalid: 2,
  manifest_untrusted: 2,
  config_invalid: 2,
  confirmation_missing: 2,
  import_invalid: 2,
  scope_empty: 2,
  submission_refused: 2,
  customer_key_closed: 3,
  key_access_denied: 3,
  keyring_missing: 3,
  keyring_invalid: 3,
  passphrase_lost: 3,
  edge_refused: 3,
  envelope_refused: 3,
  token_refused: 3,
  access_refused: 3,
  clinic_inactive: 3,
  not_permitted: 3,
  database_auth_failed: 3,
  alert_failed: 1,
  conflict: 1,
  keys_differ: 5,
  control_outdated: 5,
  not_in_context: 1,
  statement_not_allowed: 1,
  quota_exceeded: 1,
  result_too_large: 1,
  result_unknown: 1,
  subscription_read_only: 1,
  tenant_busy: 1,
  tenant_moving: 1,
  move_superseded: 1,
  move_wait_full: 1,
  move_wait_timeout: 9,
  move_failed: 5,
  schema_locked: 1,
  deployment_failed: 4,
  settings_refused: 4,
  database_unavailable: 4,
  database_refused: 4,
  data_lost: 4,
  disk_full: 4,
  edge_unavailable: 4,
  engine_failed: 4,
  engine_missing: 4,
  identity_unavailable: 4,
  kms_unavailable: 4,
  object_store_unavailable: 4,
  permission_denied: 4,
  port_taken: 4,
  rds_unavailable: 4,
  worker_missing: 4,
  cell_behind_worker: 4,
  audit_broken: 5,
  backup_empty: 5,
  backup_overdue: 5,
  backup_refused: 5,
  certificate_refused: 5,
  erasure_held: 5,
  erasure_incomplete: 5,
  import_refused: 5,
  isolation_violated: 5,
  object_locked: 5,
  removal_incomplete: 5,
  repair_incomplete: 5,
  policy_unproven: 1,
  policy_violated: 5,
  exceptions_invalid: 2,
  exception_expired: 5,
  residency_unproven: 1,
  residency_violated: 5,
  row_invalid: 5,
  schema_unsafe: 5,
  base_not_found: 6,
  backup_not_found: 6,
  policy_not_found: 6,
  cell_not_found: 6,
  clinic_not_found: 6,
  erasure_not_found: 6,
  grant_not_found: 6,
  hold_not_found: 6,
  deployment_not_found: 6,
  key_not_found: 6,
  operation_not_found: 6,
  submission_not_found: 6,
  tenant_erased: 6,
  tenant_not_found: 6,
  no_changes: 7,
  cancelled: 8,
  timeout: 9,
  internal: 255,
} as const;

/** Stable identifier of a failure; scripts may match on it. */
export type ErrorCode = keyof typeof EXIT_STATUS;

/** The refusal of a quota: its name, its limit, the use that was refused, and the time when it starts anew. */
export interface QuotaRefusal {
  /** Name of the quota as in a manifest, such as `rows` or `requestsPerMinute`. */
  readonly what: string;
  readonly limit: number;
  readonly used: number;
  /** ISO 8601, UTC; null for what only deleting or a larger plan frees. */
  readonly resets: string | null;
}

/**
 * The only error type that leaves a public function of Ringfence.
 * `message` says what is wrong and `fix` what to do about it; neither holds a secret or personal data.
 */
export class RingfenceError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  /** Of `quota_exceeded` only. */
  readonly quota: QuotaRefusal | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { fix?: string; cause?: unknown; quota?: QuotaRefusal } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RingfenceError';
    this.code = code;
    this.fix = options.fix;
    this.quota = options.quota;
  }

  get exitStatus(): number {
    return EXIT_STATUS[this.code];
  }
}
