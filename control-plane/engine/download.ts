import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FetchTimeouts, fetchFile, fetchText } from './fetch-file.js';
import type { EngineMaker } from './types.js';
import { ENGINE_VERSION } from './version.js';

/** Where Pulumi publishes its releases; RINGFENCE_ENGINE_URL names a mirror with the same file names. */
const OFFICIAL_URL = 'https://get.pulumi.com/releases/sdk';
const TIMEOUTS: FetchTimeouts = { answerMs: 5_000, silenceMs: 20_000 };
const EXTRACT_TIMEOUT_MS = 120_000;
const PROGRESS_STEP = 0.1;

/**
 * Downloads the official archive, checks it against the published SHA-256 list and unpacks it: `pulumi`
 * and the language hosts that come with it. An archive without a checksum is refused.
 * @throws Error with the reason in one line
 */
export const downloadEngine: EngineMaker = async ({ folder, env, onProgress }) => {
  const base = (env.RINGFENCE_ENGINE_URL || OFFICIAL_URL).replace(/\/+$/, '');
  const name = archiveName(process.platform, process.arch);
  const sums = await fetchText(`${base}/pulumi-${ENGINE_VERSION}-checksums.txt`, TIMEOUTS);
  const expected = checksumOf(sums, name);
  onProgress(`Downloading the Pulumi engine ${ENGINE_VERSION} from ${base}`);
  const archive = join(folder, name);
  const actual = await fetchFile(`${base}/${name}`, archive, TIMEOUTS, reportTenths(onProgress));
  if (actual !== expected) {
    throw new Error(`${base}/${name} has SHA-256 ${actual}, but the published list says ${expected}`);
  }
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'], {
    env,
    timeout: EXTRACT_TIMEOUT_MS,
  });
  await rm(archive);
};

/** The name that Pulumi gives an archive. @throws Error on a platform that has none in this form */
const archiveName = (platform: NodeJS.Platform, arch: string): string => {
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch)) {
    throw new Error(`there is no archive for ${platform}-${arch}`);
  }
  return `pulumi-v${ENGINE_VERSION}-${platform}-${arch}.tar.gz`;
};

/** Reads a line `<sha256>  <name>`. @throws Error when the list does not name the file */
const checksumOf = (list: string, name: string): string => {
  for (const line of list.split('\n')) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  throw new Error(`the published checksums do not name ${name}`);
};

const reportTenths = (onProgress: (line: string) => void) => {
  let next = PROGRESS_STEP;
  return (receivedBytes: number, totalBytes: number | undefined): void => {
    if (!totalBytes || receivedBytes / totalBytes < next) return;
    next = Math.floor(receivedBytes / totalBytes / PROGRESS_STEP + 1) * PROGRESS_STEP;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
    onProgress(`Downloaded ${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB`);
  };
};
