import { z } from 'zod';
import type { Whereabouts } from '../../../core/whereabouts.js';
import { at } from '../endpoint.js';

/** The metadata service of every instance: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html */
const SERVICE = 'http://169.254.169.254';
const ANSWER_MS = 2_000;
const TOKEN_SECONDS = '60';

const schema = z.object({ region: z.string().min(1), instanceId: z.string(), availabilityZone: z.string() });

/** Where this machine is, by the identity document that EC2 gives to an instance of its own. */
export const instanceWhereabouts = async (env: NodeJS.ProcessEnv): Promise<Whereabouts> => {
  const what = 'this machine';
  const elsewhere = env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  const service = elsewhere ?? SERVICE;
  try {
    const token = await ask(`${service}/latest/api/token`, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS },
    });
    const text = await ask(`${service}/latest/dynamic/instance-identity/document`, {
      headers: { 'x-aws-ec2-metadata-token': token },
    });
    const { region, instanceId, availabilityZone } = schema.parse(JSON.parse(text));
    const evidence = `this machine's EC2 identity document${at(elsewhere)}: ${instanceId} in ${availabilityZone}`;
    return { what, answer: 'region', region, evidence };
  } catch {
    return {
      what,
      answer: 'unknown',
      evidence: `EC2 gives this machine no identity document${at(elsewhere)}`,
    };
  }
};

const ask = async (url: string, request: RequestInit): Promise<string> => {
  const answer = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
};
