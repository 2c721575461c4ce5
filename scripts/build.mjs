// Compiles the sources to dist/, lays the files that the code reads (SQL, prices, the engine's Go module) beside it, and bundles the Workers
// of the edge.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const READ_AT_RUN_TIME = /\.(sql|json|mod|sum|go)$/;

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
  cwd: root,
});
for (const folder of ['core', 'manifest', 'data-plane', 'isolation', 'targets', 'stacks', 'control-plane']) {
  for (const entry of readdirSync(join(root, folder), { recursive: true })) {
    const file = String(entry);
    if (READ_AT_RUN_TIME.test(file)) cpSync(join(root, folder, file), join(root, 'dist', folder, file));
  }
}
// A Worker is deployed as one module.
for (const kind of ['production', 'local']) {
  const at = join(root, 'dist', 'targets', 'edge', 'worker', kind);
  buildSync({
    entryPoints: [`${at}.js`],
    outfile: `${at}.bundle.js`,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['cloudflare:workers'],
  });
}
cpSync(join(root, 'docs'), join(root, 'dist', 'docs'), { recursive: true });
const bin = join(root, 'dist', 'cli', 'main.js');
if (existsSync(bin)) chmodSync(bin, 0o755);
