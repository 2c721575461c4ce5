import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, type Comparison, compare } from './measure.js';

const bin = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli', 'main.js');

const node =
  (...args: string[]) =>
  async (): Promise<void> => {
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  };

/** Start of the built CLI against an empty Node program. */
export const benchCliStart = (): Promise<Comparison> =>
  compare(
    'ringfence --help / node -e 0',
    { baseline: node('-e', '0'), measured: node(bin, '--help') },
    atMost(4, 21),
  );
