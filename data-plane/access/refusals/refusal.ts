import { type ErrorCode, type QuotaRefusal, RingfenceError } from '../../../core/errors.js';

/** The reason of a refusal, for logs and the audit log only, never for the caller of a service. */
export type RefusalReason =
  | 'token_missing'
  | 'token_oversized'
  | 'token_malformed'
  | 'token_header'
  | 'token_algorithm'
  | 'token_type'
  | 'token_key_unknown'
  | 'token_signature'
  | 'token_issuer'
  | 'token_audience'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_lifetime'
  | 'token_claims'
  | 'clinic_malformed'
  | 'clinic_other'
  | 'clinic_unknown'
  | 'clinic_nested'
  | 'mfa_missing'
  | 'session_too_long'
  | 'network_not_allowed'
  | 'clinic_inactive'
  | 'user_not_assigned'
  | 'support_unannounced'
  | 'not_permitted'
  | 'subscription_read_only'
  | 'quota_exceeded'
  | 'connections_exhausted'
  | 'envelope_refused';

/** A request that was turned away. `message` may be shown to anyone; `reason` says precisely why, for the logs. */
export class AccessRefusal extends RingfenceError {
  readonly reason: RefusalReason;

  constructor(
    code: ErrorCode,
    reason: RefusalReason,
    message: string,
    options: { fix?: string; cause?: unknown; quota?: QuotaRefusal } = {},
  ) {
    super(code, message, options);
    this.name = 'AccessRefusal';
    this.reason = reason;
  }
}

/** All refused tokens get one message: the name of the failed check would help an attacker. */
export const tokenRefused = (reason: RefusalReason, cause?: unknown): AccessRefusal =>
  new AccessRefusal('token_refused', reason, 'the token is refused', {
    fix: 'sign in again',
    ...(cause === undefined ? {} : { cause }),
  });

export const accessRefused = (reason: RefusalReason): AccessRefusal =>
  new AccessRefusal('access_refused', reason, 'access to this clinic is refused');

export const clinicInactive = (): AccessRefusal =>
  new AccessRefusal('clinic_inactive', 'clinic_inactive', 'this clinic is not active');
