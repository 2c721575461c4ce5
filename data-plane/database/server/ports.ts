import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { RingfenceError } from '../../../core/errors.js';
import type { ServerRecord } from './record.js';

const HOST = '127.0.0.1';
const LOWEST = 10_000;
const HIGHEST = 65_535;
/** Fewer free numbers than these are no choice. */
const ENOUGH = 1_000;
const ATTEMPTS = 50;
const LINUX_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
/** Linux begins at 32768 and IANA, macOS and the BSDs at 49152; all end below 65536. */
const ELSEWHERE: Range = { from: 32_768, to: HIGHEST };

interface Range {
  readonly from: number;
  readonly to: number;
}

/** @returns `port` where nobody listens on it on the loopback interface; with 0 one that the system gives out. */
const freePort = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });

/**
 * A free port that the system gives to no connection by itself, so that it is still free when a server that was stopped
 * comes back. Where that leaves no choice, any free one.
 */
const freeLastingPort = async (): Promise<number | undefined> => {
  const range = lastingRange(ephemeralRange());
  for (let attempt = 0; range && attempt < ATTEMPTS; attempt++) {
    const port = await freePort(randomInt(range.from, range.to + 1));
    if (port !== undefined) return port;
  }
  return freePort(0);
};

/** The port that a server had, where it is free, or another one. @throws RingfenceError `port_taken` */
export const choosePort = async (record: Pick<ServerRecord, 'port' | 'portPinned'>): Promise<number> => {
  if (record.port !== null && (await freePort(record.port)) !== undefined) return record.port;
  if (record.portPinned) {
    throw new RingfenceError('port_taken', `port ${record.port} on 127.0.0.1 is taken by another program`, {
      fix: 'stop that program, or give a cell that is new another --port',
    });
  }
  const free = await freeLastingPort();
  if (free === undefined) {
    throw new RingfenceError('port_taken', 'no free port on 127.0.0.1', { fix: 'run `ringfence doctor`' });
  }
  return free;
};

/** The larger of what is below and above the ephemeral range, if it is enough. */
export const lastingRange = (ephemeral: Range): Range | undefined =>
  [
    { from: LOWEST, to: ephemeral.from - 1 },
    { from: Math.max(LOWEST, ephemeral.to + 1), to: HIGHEST },
  ]
    .filter(({ from, to }) => to - from >= ENOUGH)
    .sort((a, b) => b.to - b.from - (a.to - a.from))[0];

const ephemeralRange = (): Range => {
  try {
    const [from = Number.NaN, to = Number.NaN] = readFileSync(LINUX_RANGE, 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    return Number.isInteger(from) && Number.isInteger(to) ? { from, to } : ELSEWHERE;
  } catch {
    return ELSEWHERE;
  }
};
