import { BlockList, isIP } from 'node:net';
import { RingfenceError } from '../../core/errors.js';
import type { Network } from '../target.js';

/** The addresses that no other machine can listen on or read. No names, because a name may lead elsewhere. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export const isLoopback = (host: string): boolean =>
  isIP(host) !== 0 && LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');

/** Servers of this machine, in plain text that does not leave it. */
export const loopback: Network = {
  caFile: undefined,
  async keep(caFile) {
    if (caFile !== undefined)
      throw new RingfenceError('usage', '--ca-file is for a server that is reached over TLS');
  },
  drop: () => undefined,
  reach(to) {
    if (isLoopback(to.host)) return to;
    throw new RingfenceError(
      'config_invalid',
      `${to.host} is not on this machine, and would be reached in plain text`,
      {
        fix: 'a server on another machine needs a target that reaches it over TLS',
      },
    );
  },
};
