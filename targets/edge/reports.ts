import { request as plain } from 'node:http';
import { type RequestOptions, request as secure } from 'node:https';
import { text } from 'node:stream/consumers';
import { RingfenceError } from '../../core/errors.js';
import { type ObjectReport, objectReport } from './document/object-report.js';

const ANSWER_MS = 10_000;

export const OPERATOR_KEY_VARIABLE = 'RINGFENCE_EDGE_OPERATOR_KEY';

/** Asks the edge for what the objects of its tenants say. */
export interface EdgeReports {
  /**
   * @param host one of the tenant's.
   * @throws RingfenceError `config_invalid` without the operator's key, `edge_refused` for another one, `edge_unavailable`
   */
  read(operatorHost: string, host: string): Promise<ObjectReport>;
}

/** Reads the key, and where the edge is reached other than by the operator's host (`RINGFENCE_EDGE_URL`), from the environment. */
export const edgeReports = (env: NodeJS.ProcessEnv): EdgeReports => ({
  read: async (operatorHost, host) => {
    const key = env[OPERATOR_KEY_VARIABLE];
    if (!key)
      throw new RingfenceError('config_invalid', `${OPERATOR_KEY_VARIABLE} is not set`, {
        fix: 'set the key that the edge was deployed with',
      });
    const url = new URL(env.RINGFENCE_EDGE_URL ?? `https://${operatorHost}`);
    const { status, body } = await get(url, {
      path: `/reports/${host}`,
      headers: { host: operatorHost, authorization: `Bearer ${key}` },
      servername: operatorHost,
    });
    if (status === 401 || status === 403)
      throw new RingfenceError('edge_refused', `the edge refuses ${OPERATOR_KEY_VARIABLE}`, {
        fix: 'set the key that the edge was deployed with',
      });
    const parsed = objectReport.safeParse(parseJson(body));
    if (status === 200 && parsed.success) return parsed.data;
    throw unavailable(`the edge answers ${status}, and no report, for ${host}`);
  },
});

const get = async (url: URL, options: RequestOptions): Promise<{ status: number; body: string }> => {
  try {
    return await new Promise((resolve, reject) => {
      const open = url.protocol === 'http:' ? plain : secure;
      const signal = AbortSignal.timeout(ANSWER_MS);
      open(url, { ...options, signal }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
        .once('error', reject)
        .end();
    });
  } catch (cause) {
    throw unavailable(`the edge does not answer at ${url.host}`, cause);
  }
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const unavailable = (message: string, cause?: unknown): RingfenceError =>
  new RingfenceError('edge_unavailable', message, {
    fix: 'check that it is deployed, and that the host of the operator leads there',
    cause,
  });
