import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { purgeAll } from '../control-plane/cells/cells-down.js';
import { openProject } from '../control-plane/project/project.js';
import { type CliRun, type CliRunOptions, runCli } from './fleet/cli-run.js';
import { crossProbe } from './fleet/cross-probe.js';
import { folderSize } from './fleet/folders.js';
import { idleCost } from './fleet/idle-cost.js';
import { editManifests, HOMELESS, LATECOMER, writeFleet, writeLatecomer } from './fleet/manifests.js';
import { describeReport, earlyAndLate, type FleetReport } from './fleet/report.js';

// Onboards a fleet with the built CLI, kills it at a third and goes on; prints what it cost and writes
// bench/fleet-results.json. Linux only. `npm run fleet -- --tenants 1000 --concurrency 2`

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '2' },
  },
});
const tenants = Number(values.tenants);
const concurrency = Number(values.concurrency);
if (!Number.isInteger(tenants) || tenants < 3 || !Number.isInteger(concurrency) || concurrency < 1)
  throw new TypeError('usage: fleet [--tenants <3 or more>] [--concurrency <1 or more>]');

const PROBED = 20;
const EDITED = 3;
const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '..');
const dir = mkdtempSync(join(tmpdir(), 'ringfence-fleet-'));
const project = openProject(dir);
const manifests = join(dir, 'tenants');
const temporary = join(dir, 'tmp');
let running: number | undefined;

const purge = async (): Promise<void> => {
  if (running !== undefined) process.kill(-running, 'SIGKILL');
  await purgeAll(project, process.env);
  rmSync(dir, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void purge().finally(() => process.exit(1));
  });

const options: CliRunOptions = {
  cli: join(repository, 'dist', 'cli', 'main.js'),
  cwd: dir,
  env: {
    RINGFENCE_ENGINE_CACHE: join(repository, '.ringfence', 'engine'),
    ...process.env,
    NO_COLOR: '1',
    TMPDIR: temporary,
  },
  onStart: (pid) => {
    running = pid;
  },
};
const run = async (args: readonly string[], more: Partial<CliRunOptions> = {}): Promise<CliRun> => {
  const done = await runCli(args, { ...options, ...more });
  running = undefined;
  return done;
};

/** Runs a command that must succeed. */
const must = async (args: readonly string[]): Promise<CliRun> => {
  const done = await run(args);
  if (done.status === 0) return done;
  throw new Error(`ringfence ${args.join(' ')} exited with ${done.status}: ${done.stderr}`);
};

const count = (stdout: string, outcome: string): number => stdout.split(`"outcome":"${outcome}"`).length - 1;

const unaffected = ({ stdout }: CliRun): number => stdout.split('"unaffected": true').length - 1;

const onboard = async () => {
  const apply = ['tenants', 'apply', '--all', '-y', '--concurrency', String(concurrency), '--json'];
  let done = 0;
  const onLine = (line: string): void => {
    if (line.includes('"outcome":"deployed"') && ++done % 50 === 0) console.error(`${done} deployed`);
  };
  const third = Math.ceil(tenants / 3);
  const killed = await run(apply, { onLine, killWhen: (stdout) => count(stdout, 'deployed') >= third });
  if (killed.status !== null) throw new Error(`the first run ended with ${killed.status}: ${killed.stderr}`);
  console.error('killed; once more');
  const finished = await run(apply, { onLine });
  const deployed = count(finished.stdout, 'deployed') + count(finished.stdout, 'unaffected');
  const failed = count(finished.stdout, 'failed');
  if (deployed !== tenants || failed !== 1)
    throw new Error(`${deployed} of ${tenants} deployed, ${failed} failed: ${finished.stderr}`);
  return { killed, finished, deployed, failed };
};

const measure = async (): Promise<FleetReport> => {
  mkdirSync(temporary, { mode: 0o1777 });
  await writeFleet(manifests, tenants);
  const { killed, finished, deployed, failed } = await onboard();
  for (const name of [HOMELESS, 'broken']) rmSync(join(manifests, `${name}.yaml`));

  const idle = await idleCost(join(project.home, 'cells', 'shared-eu-central-1'));
  const state = folderSize(join(project.home, 'state'));
  const workspace = folderSize(join(project.home, 'workspace'));
  const lint = await run(['schema', 'lint', '--json']);
  const probe = await crossProbe(project, PROBED);
  const list = await must(['tenants', 'list', '--json']);
  const preview = await must(['tenants', 'preview', '--all', '--expect-no-changes', '--json']);
  editManifests(manifests, EDITED);
  const edited = await must(['tenants', 'preview', '--all', '--json']);
  const one = await must(['tenants', 'preview', 'clinica-0001', '--json']);
  await writeLatecomer(manifests);
  const add = await must(['tenants', 'add', LATECOMER, '-y', '--json']);
  const deployedLater = count(finished.stdout, 'deployed');
  return {
    tenants,
    concurrency,
    deployed,
    failed: failed + 1,
    deployedByRun: [deployed - deployedLater, deployedLater],
    applyMs: killed.tookMs + finished.tookMs,
    peakRssBytes: Math.max(killed.peakRssBytes, finished.peakRssBytes),
    ownRssBytes: earlyAndLate(finished),
    warnings: [...new Set(`${killed.stderr}${finished.stderr}`.match(/\w*Warning\b.*/g) ?? [])],
    temporaryFiles: folderSize(temporary).files,
    idle,
    state,
    workspace,
    lint: { clean: lint.status === 0, tookMs: lint.tookMs },
    probe,
    listMs: list.tookMs,
    previewAll: { unaffected: unaffected(preview), tookMs: preview.tookMs },
    previewEdited: {
      affected: tenants - unaffected(edited),
      of: EDITED,
      tookMs: edited.tookMs,
      oneMs: one.tookMs,
    },
    add: { cell: (JSON.parse(add.stdout) as { cell: string }).cell, tookMs: add.tookMs },
  };
};

try {
  const report = await measure();
  console.log(describeReport(report));
  writeFileSync(join(here, 'fleet-results.json'), `${JSON.stringify(report, null, 2)}\n`);
  const missed = report.previewEdited.affected !== EDITED || report.previewAll.unaffected !== tenants;
  if (!report.lint.clean || report.probe.leaks > 0 || missed) process.exitCode = 1;
} finally {
  await purge();
}
