import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { purgeAll } from '../control-plane/cells/cells-down.js';
import { openProject } from '../control-plane/project/project.js';
import { runCli } from './fleet/cli-run.js';
import { startApplications } from './move/applications.js';
import { ownersOf, writtenIn } from './promotion/group.js';
import { under } from './promotion/under.js';

// The demo group moves into a database of its own in another region while eight applications write, and is brought back with what they
// wrote since: by the built CLI, with its own reports. `npm run promotion -- --rows 5300000` (about 1 GB)

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    'copy-mb-per-second': { type: 'string' },
  },
});
const rows = Number(values.rows);
if (!Number.isInteger(rows) || rows < 1_000) throw new TypeError('usage: promotion [--rows <1000 or more>]');

const PROCESSES = 8;
const ROWS_PER_PATIENT = 10;
const GROUP = 'grupo-aurora';
const NEIGHBOUR = 'clinica-sonrisa';
const SHARED = 'shared-eu-central-1';
const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const dir = mkdtempSync(join(tmpdir(), 'ringfence-promotion-'));
const project = openProject(dir);
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

/** Runs a command that must succeed, and shows what it prints. */
const ringfence = async (...args: readonly string[]): Promise<void> => {
  console.log(`\n$ ringfence ${args.join(' ')}`);
  const done = await runCli([...args, '--yes'], {
    cli: join(repository, 'dist', 'cli', 'main.js'),
    cwd: dir,
    env: {
      RINGFENCE_ENGINE_CACHE: join(repository, '.ringfence', 'engine'),
      ...process.env,
      NO_COLOR: '1',
    },
    onStart: (pid) => {
      running = pid;
    },
  });
  running = undefined;
  console.log(done.stdout.trimEnd());
  console.log(`(${(done.tookMs / 1_000).toFixed(1)} s)`);
  if (done.status !== 0) throw new Error(`it exited with ${done.status}: ${done.stderr}`);
};

const writeManifests = (): void => {
  mkdirSync(join(dir, 'tenants'));
  copyFileSync(join(repository, 'tenants', `${NEIGHBOUR}.yaml`), join(dir, 'tenants', `${NEIGHBOUR}.yaml`));
  // Its plan has room for so many rows, and its quotas for so many requests.
  const group = readFileSync(join(repository, 'tenants', `${GROUP}.yaml`), 'utf8')
    .replace(/^plan: .*$/m, 'plan: enterprise')
    .replace(/^quotas:$/m, 'quotas:\n  requestsPerMinute: 10000000\n  computeSecondsPerDay: 8640000');
  writeFileSync(join(dir, 'tenants', `${GROUP}.yaml`), group);
};

try {
  writeManifests();
  await ringfence('tenants', 'apply', '--all');
  await ringfence('demo', 'load', GROUP, '--patients', String(Math.ceil(rows / ROWS_PER_PATIENT)));
  const { lanes, options } = await ownersOf(project, SHARED, GROUP);
  const applications = await startApplications(PROCESSES, options);
  try {
    const pace = values['copy-mb-per-second'];
    const paced = pace === undefined ? [] : ['--copy-mb-per-second', pace];
    const promote = ['tenants', 'promote', GROUP];
    const show = async (...args: readonly string[]): Promise<void> => {
      console.log(await under(applications, lanes, () => ringfence(...args)));
      const { writes, problems } = applications.done;
      const acknowledged = [...writes.values()].reduce((sum, count) => sum + count, 0);
      const found = await writtenIn(project, lanes);
      console.log(`${acknowledged} writes acknowledged so far, ${found} rows of them in its home`);
      if (found !== acknowledged || problems.length > 0) process.exitCode = 1;
    };
    await show(...promote, '--region', 'eu-west-1', ...paced);
    await show(...promote, '--rollback');
  } finally {
    await applications.close();
  }
  await ringfence('audit', 'verify', GROUP);
} finally {
  await purge();
}
