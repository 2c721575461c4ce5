/** What is wrong with the credentials that a client of AWS found, or did not find, and what to do. */
export interface CredentialsProblem {
  readonly message: string;
  readonly fix: string;
}

const MISSING: CredentialsProblem = {
  message: 'there are no credentials for AWS',
  fix: 'sign in (aws sso login --profile <name>), and set AWS_PROFILE; or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in CI AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE; a container or an instance needs a role',
};
const SSO_ENDED: CredentialsProblem = {
  message: 'the session at AWS IAM Identity Center is missing or has ended',
  fix: 'aws sso login --profile <name>',
};
const EXPIRED: CredentialsProblem = {
  message: 'the credentials for AWS have expired',
  fix: 'sign in again (aws sso login --profile <name>), or take new ones for AWS_SESSION_TOKEN; in CI, ask for the identity token again',
};
const WRONG: CredentialsProblem = {
  message: 'AWS does not know the credentials',
  fix: 'correct AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile of AWS_PROFILE; aws sts get-caller-identity says who you are',
};
const NOT_TRUSTED: CredentialsProblem = {
  message: 'AWS does not take the identity token',
  fix: 'check the token of AWS_WEB_IDENTITY_TOKEN_FILE, and that the role of AWS_ROLE_ARN trusts its issuer, audience and subject',
};

/** By names without `Exception`, which differ by service and protocol. */
const BY_NAME: Readonly<Record<string, CredentialsProblem>> = {
  CredentialsProviderError: MISSING,
  ProviderError: MISSING,
  TokenProviderError: SSO_ENDED,
  ExpiredToken: EXPIRED,
  RequestExpired: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  AuthFailure: WRONG,
  InvalidAccessKeyId: WRONG,
  InvalidClientTokenId: WRONG,
  InvalidSignature: WRONG,
  InvalidToken: WRONG,
  MissingAuthenticationToken: WRONG,
  SignatureDoesNotMatch: WRONG,
  UnrecognizedClient: WRONG,
  IDPRejectedClaim: NOT_TRUSTED,
  InvalidIdentityToken: NOT_TRUSTED,
};

/** Undefined for any other failure of a client of AWS. */
export const credentialsProblem = (error: unknown): CredentialsProblem | undefined => {
  if (!(error instanceof Error)) return undefined;
  // The provider of a profile with SSO says so only in words.
  if (error.name === 'CredentialsProviderError' && /\bSSO\b/.test(error.message)) return SSO_ENDED;
  // A client opens no files but those of credentials.
  if ('code' in error && error.code === 'ENOENT' && 'path' in error)
    return { message: `a file of credentials for AWS is not there: ${String(error.path)}`, fix: MISSING.fix };
  return BY_NAME[error.name.replace(/Exception$/, '')];
};
