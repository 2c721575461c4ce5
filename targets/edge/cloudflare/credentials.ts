import { RingfenceError } from '../../../core/errors.js';

/** An account of Cloudflare, and who asks. */
export interface CloudflareAccount {
  readonly accountId: string;
  readonly zoneId: string;
  /** Never leaves this process but to Cloudflare: the engine's plugin reads its own from the environment. */
  readonly token: string;
  readonly url: string;
}

const API = 'https://api.cloudflare.com/client/v4';
const ID = /^[0-9a-f]{32}$/;

/**
 * Finds the account in the variables that Cloudflare's own tools read, else in the settings of the project.
 * @throws RingfenceError `config_invalid` for what is missing; `key_access_denied` without a token.
 */
export const cloudflareAccount = (
  env: NodeJS.ProcessEnv,
  settings: { readonly accountId?: string | undefined; readonly zoneId?: string | undefined },
): CloudflareAccount => {
  const token = cloudflareToken(env);
  const id = (name: string, value: string | undefined, key: string): string => {
    if (value !== undefined && ID.test(value)) return value;
    const problem = value === undefined ? 'is not set' : 'is not an id of Cloudflare, 32 hexadecimal digits';
    throw new RingfenceError('config_invalid', `${name} ${problem}`, {
      fix: `set ${name}, or \`cloudflare.${key}\` in edge.yaml; Cloudflare shows it on the overview of the zone`,
    });
  };
  return {
    accountId: id('CLOUDFLARE_ACCOUNT_ID', env.CLOUDFLARE_ACCOUNT_ID ?? settings.accountId, 'accountId'),
    zoneId: id('CLOUDFLARE_ZONE_ID', env.CLOUDFLARE_ZONE_ID ?? settings.zoneId, 'zoneId'),
    token,
    url: env.CLOUDFLARE_BASE_URL ?? API,
  };
};

/** @throws RingfenceError `key_access_denied` */
export const cloudflareToken = ({ CLOUDFLARE_API_TOKEN: token }: NodeJS.ProcessEnv): string => {
  if (token) return token;
  throw new RingfenceError('key_access_denied', 'CLOUDFLARE_API_TOKEN is not set', {
    fix: 'make a token of the account that edits Workers Scripts, Workers KV Storage, Workers Routes, DNS, and SSL and Certificates (docs/edge.md)',
  });
};
