import { z } from 'zod';
import { tokenRefused } from '../refusals/refusal.js';

const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
/** In a context token it stands for the service itself, which may do more than any user. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';
const seconds = z.number().int().positive();

/** One clinic a token, one audience a token: a list of either would let a token be used where nobody looked. */
const ClaimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: uuid.refine((id) => id !== NIL_UUID),
  clinic_id: uuid,
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
  auth_time: seconds.optional(),
  amr: z.array(z.string().max(32)).max(16).optional(),
});

/** The claims of a verified token. Times are seconds since 1970. */
export interface VerifiedToken {
  readonly userId: string;
  readonly clinicId: string;
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** The time of the sign-in, if the identity provider gives it. */
  readonly authenticatedAtSeconds: number | undefined;
  /** The methods of the sign-in: values of RFC 8176, such as `pwd`, `otp`, `mfa`. */
  readonly methods: readonly string[];
}

/** @throws AccessRefusal `token_refused` for a claim that is missing or of another type. */
export const readClaims = (payload: unknown): VerifiedToken => {
  const claims = ClaimsSchema.safeParse(payload);
  if (!claims.success) throw tokenRefused('token_claims', claims.error);
  const { sub, clinic_id, iat, exp, auth_time, amr } = claims.data;
  return {
    userId: sub,
    clinicId: clinic_id,
    issuedAtSeconds: iat,
    expiresAtSeconds: exp,
    authenticatedAtSeconds: auth_time,
    methods: amr ?? [],
  };
};
