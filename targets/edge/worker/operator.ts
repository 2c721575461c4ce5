import type { Environment, ObjectOf } from './environment.js';
import { findTenant } from './find-tenant.js';
import { termsOf } from './gate.js';
import { closed } from './refused.js';

/** `GET /reports/<host>`: what the object of the tenant with that host says. */
export const report = async (
  request: Request,
  environment: Environment,
  objectOf: ObjectOf,
): Promise<Response> => {
  const [, key = ''] = request.headers.get('authorization')?.split(' ') ?? [];
  if (!(await isSame(key, environment.OPERATOR_KEY))) return closed('operator_refused');
  const host = /^\/reports\/([a-z0-9.-]+)$/.exec(new URL(request.url).pathname)?.[1];
  if (host === undefined) return closed('report_not_found');
  const found = await findTenant(environment, host);
  if ('closed' in found) return closed(found.closed, found.problems);
  try {
    return Response.json(await objectOf(environment, found.entry).report(termsOf(found.entry)));
  } catch (error) {
    return closed('limits_unavailable', error instanceof Error ? error.message : undefined);
  }
};

/** Compares digests, so that the time it takes says nothing of the key. */
const isSame = async (given: string, key: string): Promise<boolean> => {
  const [one, other] = await Promise.all([digest(given), digest(key)]);
  return one.reduce((difference, byte, index) => difference | (byte ^ (other[index] ?? 0)), 0) === 0;
};

const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
