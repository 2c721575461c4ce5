import { RingfenceError } from '../../../../core/errors.js';
import { type Cloud, openCloud } from '../../aws/stand-in/cloud.js';

export const ACCOUNT_ID = '0123456789abcdef0123456789abcdef';
export const ZONE_ID = 'fedcba9876543210fedcba9876543210';
export const ZONE = 'clinics.example';
export const TOKEN = 'token-of-the-stand-in-for-cloudflare';

/** An account of Cloudflare with one zone, in a folder. */
export const openAccount = (dir: string): Cloud =>
  openCloud(dir, (call) => cloudflareError(10_429, `rate limited (${call})`));

/** An error as the provider for Cloudflare passes it on. */
export const cloudflareError = (code: number, message: string): RingfenceError =>
  new RingfenceError(
    'deployment_failed',
    `failed to make http request: {"code":${code},"message":"${message}"}`,
  );
