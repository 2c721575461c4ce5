import { AwsClient } from 'aws4fetch';
import type { UserKeys } from './enforced-iam.js';

/** How a call is asked of a service: by a form, or by a target. */
const SERVICES: Readonly<Record<string, { readonly version: string } | { readonly target: string }>> = {
  ec2: { version: '2016-11-15' },
  iam: { version: '2010-05-08' },
  rds: { version: '2014-10-31' },
  sts: { version: '2011-06-15' },
  ecs: { target: 'AmazonEC2ContainerServiceV20141113' },
  events: { target: 'AWSEvents' },
  kms: { target: 'TrentService' },
  logs: { target: 'Logs_20140328' },
  secretsmanager: { target: 'secretsmanager' },
};

/** A call without what it would need to succeed: IAM is asked before anybody looks at that. */
export interface Call {
  /** `<service>:<operation>`, or `s3:` and a request, as `s3:PUT /bucket?versioning`. */
  readonly call: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Moto stores any text, and cannot answer for the bucket afterwards. */
const NO_POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [] });

const REFUSED = /AccessDenied|UnauthorizedOperation|not authorized to perform/;

/** Whether IAM refuses a call of a user. */
export const isRefused = async (
  endpoint: string,
  keys: UserKeys,
  { call, parameters = {} }: Call,
): Promise<boolean> => {
  const [service = '', operation = ''] = call.split(/:(.*)/s);
  const client = new AwsClient({ ...keys, service, region: 'eu-west-1', retries: 0 });
  const answer = await client.fetch(...requestOf(endpoint, service, operation, parameters));
  const text = await answer.text();
  if (/SignatureDoesNotMatch|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure/.test(text))
    throw new Error(`${call}: ${text}`);
  return answer.status === 403 || REFUSED.test(text);
};

const requestOf = (
  endpoint: string,
  service: string,
  operation: string,
  parameters: Readonly<Record<string, string>>,
): [string, RequestInit] => {
  if (service === 's3') {
    const [method = '', path = ''] = operation.split(' ');
    const isPolicy = method === 'PUT' && path.endsWith('?policy');
    return [`${endpoint}${path}`, { method, ...(isPolicy ? { body: NO_POLICY } : {}) }];
  }
  const how = SERVICES[service];
  if (how === undefined) throw new Error(`${service} is not known here`);
  if ('target' in how) {
    const headers = {
      'x-amz-target': `${how.target}.${operation}`,
      'content-type': 'application/x-amz-json-1.1',
    };
    return [endpoint, { method: 'POST', headers, body: JSON.stringify(parameters) }];
  }
  const body = new URLSearchParams({ Action: operation, Version: how.version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return [endpoint, { method: 'POST', headers, body }];
};
