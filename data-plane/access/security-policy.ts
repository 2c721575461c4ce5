import { BlockList, isIP } from 'node:net';
import { RingfenceError } from '../../core/errors.js';
import { accessRefused } from './refusals/refusal.js';
import type { VerifiedToken } from './token/claims.js';
import { CLOCK_TOLERANCE_SECONDS } from './token/verify-token.js';

/** A tenant's requirements for people who sign in, beyond a valid token. */
export interface SecurityPolicy {
  /** The token's `amr` must hold `mfa` (RFC 8176). */
  readonly mfaRequired: boolean;
  /** Longest time since the user signed in (`auth_time`); null for no limit but the token's own. */
  readonly sessionMinutes: number | null;
  /** Addresses and networks in CIDR notation that requests may come from; empty for any. */
  readonly allowedNetworks: readonly string[];
}

export const OPEN_POLICY: SecurityPolicy = { mfaRequired: false, sessionMinutes: null, allowedNetworks: [] };

/**
 * @param remoteAddress the peer's IP address as the service knows it, never from a header that the peer may write.
 * @throws AccessRefusal `access_refused`.
 */
export const enforcePolicy = (
  policy: SecurityPolicy,
  token: VerifiedToken,
  remoteAddress: string | undefined,
  now: Date,
): void => {
  if (policy.mfaRequired && !token.methods.includes('mfa')) throw accessRefused('mfa_missing');
  if (policy.sessionMinutes !== null) {
    const ageSeconds = now.getTime() / 1_000 - (token.authenticatedAtSeconds ?? Number.NaN);
    const allowedSeconds = policy.sessionMinutes * 60 + CLOCK_TOLERANCE_SECONDS;
    if (!(ageSeconds >= -CLOCK_TOLERANCE_SECONDS && ageSeconds <= allowedSeconds))
      throw accessRefused('session_too_long');
  }
  if (policy.allowedNetworks.length > 0 && !isAllowed(policy, remoteAddress))
    throw accessRefused('network_not_allowed');
};

const lists = new WeakMap<SecurityPolicy, BlockList>();

const isAllowed = (policy: SecurityPolicy, remoteAddress: string | undefined): boolean => {
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? '';
  const family = isIP(address);
  if (family === 0) return false;
  const list = lists.get(policy) ?? listOf(policy);
  lists.set(policy, list);
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

const listOf = ({ allowedNetworks }: SecurityPolicy): BlockList => {
  const list = new BlockList();
  for (const network of allowedNetworks) {
    const [address = '', prefix, ...rest] = network.split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || length < 0 || length > bits || rest.length > 0) {
      throw new RingfenceError('config_invalid', `${JSON.stringify(network)} is not a network`, {
        fix: 'write an address or a network in CIDR notation, as 192.0.2.0/24',
      });
    }
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
};
