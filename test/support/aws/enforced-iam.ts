import { AwsClient } from 'aws4fetch';
import { policyOf, type Statement } from '../../../stacks/programs/aws/key-policy.js';
import { startMoto } from '../rds/moto.js';

/** Keys of a user. */
export interface UserKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Moto that asks its IAM about every call. */
export interface EnforcedIam {
  readonly endpoint: string;
  /** A user who may do what policies say, as moto reads them. */
  user(name: string, ...policies: (readonly Statement[])[]): Promise<UserKeys>;
  /** Works without being asked anything, and has moto ask again afterwards. */
  asRoot<T>(work: (keys: UserKeys) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const ROOT: UserKeys = { accessKeyId: 'root', secretAccessKey: 'root' };

/**
 * A policy as moto reads it. It knows the resource of a call of S3 only, takes any other for `*`, and looks at no condition: what depends
 * on those two is not tried here (docs/aws.md).
 */
const asMotoReads = (policy: readonly Statement[]): Statement[] =>
  policy.map(({ Condition: _, ...statement }) => {
    const isOfS3 = [statement.Action].flat().every((action) => String(action).startsWith('s3:'));
    return isOfS3 ? statement : { ...statement, Resource: '*' };
  });

export const startEnforcedIam = async (program: string): Promise<EnforcedIam> => {
  const moto = await startMoto(program);
  const askFrom = async (count: string): Promise<void> => {
    await fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: 'POST', body: count });
  };
  const asRoot: EnforcedIam['asRoot'] = async (work) => {
    await askFrom('inf');
    try {
      return await work(ROOT);
    } finally {
      await askFrom('0');
    }
  };
  const ask = async (parameters: Record<string, string>): Promise<string> => {
    const root = new AwsClient({ ...ROOT, service: 'iam', region: 'us-east-1', retries: 0 });
    const body = new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await root.fetch(moto.endpoint, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`moto refuses ${parameters.Action}: ${text}`);
    return text;
  };
  return {
    endpoint: moto.endpoint,
    asRoot,
    user: (name, ...policies) =>
      asRoot(async () => {
        await ask({ Action: 'CreateUser', UserName: name });
        for (const [index, policy] of policies.entries()) {
          const put = { Action: 'PutUserPolicy', UserName: name, PolicyName: `policy-${index}` };
          await ask({ ...put, PolicyDocument: policyOf(asMotoReads(policy)) });
        }
        const made = await ask({ Action: 'CreateAccessKey', UserName: name });
        const of = (tag: string): string => new RegExp(`<${tag}>([^<]+)<`).exec(made)?.[1] ?? '';
        return { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') };
      }),
    stop: moto.stop,
  };
};
