import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for packages that are read once and are too large to install. */
export interface Downloads {
  readonly dir: string;
  /** Runs a program in the folder. @returns what it printed. */
  run(command: string, ...args: string[]): string;
  /** Downloads a package and unpacks a file, or a folder, of it. @returns where it lies. */
  npm(name: string, version: string, path: string): string;
}

/** The folder goes when `work` ends. */
export const withDownloads = <T>(work: (downloads: Downloads) => T): T => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-downloads-'));
  const run: Downloads['run'] = (command, ...args) =>
    execFileSync(command, args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const npm: Downloads['npm'] = (name, version, path) => {
    const [packed] = JSON.parse(run('npm', 'pack', '--json', `${name}@${version}`)) as { filename: string }[];
    run('tar', 'xzf', packed?.filename ?? '', `package/${path}`);
    return join(dir, 'package', path);
  };
  try {
    return work({ dir, run, npm });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
