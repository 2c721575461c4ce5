// The main job on a fresh machine: two clinics side by side in one Postgres, proved apart, backed up and restored.
// Run it again and again: every step converges.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'dist', 'cli', 'main.js');
const startedMs = performance.now();
const CONFLICT = 1;

const bold =
  process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text;
const say = (line) => process.stdout.write(`\n${bold(line)}\n`);

/** Runs one command as a user would; another exit status than the allowed ones ends the quickstart with it. */
const ringfence = (args, allowed = [0]) => {
  process.stdout.write(`$ ringfence ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [bin, ...args], { cwd: root, stdio: 'inherit' });
  if (!allowed.includes(status ?? 255)) process.exit(status ?? 255);
  return status;
};

say('1. Install and build');
await import('./prepare.mjs');
const readyMs = performance.now();

say('2. What this machine has');
ringfence(['doctor'], [0, 4]);

say('3. Onboard a solo clinic, and a second tenant beside it');
ringfence(['tenants', 'add', '-f', 'tenants/clinica-sonrisa.yaml', '--yes']);
ringfence(['tenants', 'add', '-f', 'tenants/grupo-aurora.yaml', '--yes']);

say('4. Fill both with invented patients (a second run finds them there)');
for (const slug of ['clinica-sonrisa', 'grupo-aurora']) {
  ringfence(['demo', 'load', slug, '--patients', '200'], [0, CONFLICT]);
}
ringfence(['demo', 'show', 'clinica-sonrisa', '--limit', '3']);

say('5. The schema, and what the tenants look like');
ringfence(['schema', 'lint']);
ringfence(['tenants', 'list']);

say('6. Back up, lose data by accident, look, restore; the neighbour stays byte-identical');
ringfence(['backups', 'run', 'clinica-sonrisa']);
const { loseInvoiceLines, digestOf } = await import('./accident.mjs');
const neighbourBefore = await digestOf(root, 'grupo-aurora');
const lost = await loseInvoiceLines(root, 'clinica-sonrisa');
process.stdout.write(`accident: ${lost} invoice lines of clinica-sonrisa deleted\n`);
ringfence(['backups', 'restore', 'clinica-sonrisa', '--table', 'clinical.invoice_lines', '--dry-run']);
ringfence(['backups', 'restore', 'clinica-sonrisa', '--table', 'clinical.invoice_lines', '--yes']);
if ((await digestOf(root, 'grupo-aurora')) !== neighbourBefore) {
  process.stderr.write('grupo-aurora changed while its neighbour was restored: please report this\n');
  process.exit(1);
}
process.stdout.write(`grupo-aurora: digest ${neighbourBefore.slice(0, 16)}… before and after\n`);

const seconds = (fromMs) => ((performance.now() - fromMs) / 1000).toFixed(1);
say(`Done in ${seconds(startedMs)} s (${seconds(readyMs)} s after the build).`);
process.stdout.write(`Everything lies in .ringfence/; two Postgres servers go on running on 127.0.0.1.
Try next:
  npx ringfence tenants add                 the wizard, for a clinic of your own
  npx ringfence tenants show grupo-aurora
  npx ringfence tenants preview --all       the hospital would get a cell of its own
  npx ringfence cells down                  stop the servers; cells up finds them again
  npx ringfence cells down --purge          remove everything but the engine
`);
