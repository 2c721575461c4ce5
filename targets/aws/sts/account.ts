import { clientLimits } from '../../../core/aws-client-limits.js';
import { credentialsProblem } from '../../../core/aws-credentials.js';
import { RingfenceError } from '../../../core/errors.js';

const PATIENCE = { attempts: 4, connectMs: 5_000, answerMs: 30_000 };

/** What STS answers in a region that the account has not enabled, and to wrong credentials anywhere. */
const REFUSED =
  /^(?:AccessDenied|AuthFailure|InvalidClientTokenId|OptInRequired|RegionDisabled|SignatureDoesNotMatch|UnrecognizedClient)/;

/**
 * The account of this process's credentials, by the word of a region.
 * @throws RingfenceError permission_denied where the region refuses them, rds_unavailable without an answer.
 */
export const accountIn = async (region: string): Promise<string> => {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ region, ...clientLimits(PATIENCE) });
  try {
    const { Account = '' } = await client.send(new GetCallerIdentityCommand({}));
    return Account;
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    if (REFUSED.test(name))
      throw new RingfenceError('permission_denied', `AWS refuses the credentials in ${region} (${name})`, {
        fix: `sign in to AWS again; if they work elsewhere, enable the region for the account: aws account enable-region --region-name ${region}`,
        cause,
      });
    const credentials = credentialsProblem(cause);
    if (credentials)
      throw new RingfenceError('permission_denied', credentials.message, { fix: credentials.fix, cause });
    throw new RingfenceError('rds_unavailable', `AWS does not answer in ${region}`, {
      fix: 'check the network, the name of the region and AWS_ENDPOINT_URL, and try again; nothing was made',
      cause,
    });
  } finally {
    client.destroy();
  }
};
