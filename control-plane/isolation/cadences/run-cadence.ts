import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { withLock } from '../../project/lock.js';
import type { Runtime } from '../../runtime.js';
import { finishRun, lastRuns, startRun } from '../store.js';
import { CADENCE_PLANS, type Cadence, type StepName } from './cadence.js';
import type { Step, StepContext, StepResult } from './step.js';
import { auditChain } from './steps/audit-chain.js';
import { auditReview } from './steps/audit-review.js';
import { generated } from './steps/generated.js';
import { lint } from './steps/lint.js';
import { mutants } from './steps/mutants.js';
import { pack } from './steps/pack.js';
import { suite } from './steps/suite.js';

const STEPS: Readonly<Record<StepName, Step>> = {
  lint,
  suite,
  generated,
  mutants,
  'audit-chain': auditChain,
  'audit-review': auditReview,
  pack,
};

/** The findings of a run of a cadence, and the place of its files. */
export interface CadenceReport {
  readonly cadence: Cadence;
  readonly outcome: 'clean' | 'found';
  readonly folder: string;
  readonly steps: readonly StepResult[];
}

const DAY_MS = 86_400_000;

/**
 * Runs every step of a cadence and writes its results below `folder`, with an index first of all. A finding does not stop
 * the other steps.
 * @throws RingfenceError `conflict` while the same cadence runs, and the error of a step that could not be made. The run is
 * recorded as failed then.
 */
export const runCadence = (
  runtime: Runtime,
  cadence: Cadence,
  options: { readonly folder: string; readonly say: (line: string) => void },
): Promise<CadenceReport> =>
  withLock(
    runtime.control,
    `cadence/${cadence}`,
    () => run(runtime, cadence, options),
    () => new RingfenceError('conflict', `the ${cadence} tests run already`, { fix: 'wait until they end' }),
  );

const run = async (
  runtime: Runtime,
  cadence: Cadence,
  { folder: parent, say }: { readonly folder: string; readonly say: (line: string) => void },
): Promise<CadenceReport> => {
  const startedAt = runtime.now();
  const plan = CADENCE_PLANS[cadence];
  const last = (await lastRuns(runtime.control)).find((one) => one.cadence === cadence);
  const folder = join(parent, `${cadence}-${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const context: StepContext = {
    runtime,
    cadence,
    since: last?.startedAt ?? new Date(startedAt.getTime() - plan.maxAgeDays * DAY_MS),
    write: async (name, text) => {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      return name;
    },
    say,
  };
  const id = await startRun(runtime.control, cadence, folder);
  const steps: StepResult[] = [];
  try {
    for (const step of plan.steps) {
      say(step);
      steps.push({ step, ...(await STEPS[step](context)) });
    }
  } catch (error) {
    await finishRun(runtime.control, id, 'failed', steps);
    throw error;
  }
  const outcome = steps.some((step) => step.outcome === 'found') ? 'found' : 'clean';
  await context.write('README.md', index(cadence, startedAt, outcome, steps));
  await finishRun(runtime.control, id, outcome, steps);
  return { cadence, outcome, folder, steps };
};

const index = (cadence: Cadence, startedAt: Date, outcome: string, steps: readonly StepResult[]): string =>
  `# Isolation tests, ${cadence}: ${outcome}

Started ${startedAt.toISOString()}. ${CADENCE_PLANS[cadence].about}.

| step | outcome | what | files |
|---|---|---|---|
${steps.map(({ step, outcome: each, summary, files }) => `| ${step} | ${each} | ${summary} | ${files.map((file) => `[${file}](${file})`).join(', ')} |`).join('\n')}
`;
