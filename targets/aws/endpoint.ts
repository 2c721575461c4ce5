/**
 * Tells in evidence that somebody other than AWS was asked: ` at <url>`, where a variable of AWS names another endpoint.
 * @param service as AWS's variables have it.
 */
export const atEndpoint = (env: NodeJS.ProcessEnv, service: 'RDS' | 'S3'): string =>
  at(env[`AWS_ENDPOINT_URL_${service}`] ?? env.AWS_ENDPOINT_URL);

export const at = (url: string | undefined): string => (url === undefined ? '' : ` at ${url}`);
