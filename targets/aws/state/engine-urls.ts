import { isAskedByPath } from '../s3/connect.js';
import { placeName, type StatePlace } from './place.js';

/** Of every use of the key: policies ask for it, and CloudTrail shows it. */
export const STATE_CONTEXT = { purpose: 'ringfence-state' };

/** The place as the engine takes it in PULUMI_BACKEND_URL. Another endpoint than AWS's is asked by path. */
export const backendUrl = (place: StatePlace, env: NodeJS.ProcessEnv): string => {
  const path = isAskedByPath(env) ? '&use_path_style=true' : '';
  return `${placeName(place)}?region=${place.region}&awssdk=v2${path}`;
};

/** The key as the engine takes it as a secrets provider. */
export const secretsUrl = ({ key }: StatePlace): string =>
  `awskms:///${key.arn}?region=${key.region}&awssdk=v2&context_purpose=${STATE_CONTEXT.purpose}`;
