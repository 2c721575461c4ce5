import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Comparison } from './measure.js';

const GOAL_MS = 60_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** `npm run quickstart` in a fresh clone with the engine there already; packages come from npm's cache. */
export const benchQuickstart = async (): Promise<Comparison> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-quickstart-'));
  const clone = join(dir, 'ringfence');
  const env = { ...process.env, RINGFENCE_ENGINE_CACHE: join(root, '.ringfence', 'engine') };
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: clone, env, stdio: 'ignore' });
  try {
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const startedMs = performance.now();
    npm('run', 'quickstart');
    const measuredMs = performance.now() - startedMs;
    execFileSync(process.execPath, ['dist/cli/main.js', 'cells', 'down', '--purge', '--yes'], {
      cwd: clone,
      env,
      stdio: 'ignore',
    });
    return {
      name: 'npm run quickstart on a fresh clone, engine cached / 60 s',
      baselineMs: GOAL_MS,
      measuredMs,
      figure: measuredMs / GOAL_MS,
      unit: 'x',
      goal: '<= 1x',
      met: measuredMs <= GOAL_MS,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
