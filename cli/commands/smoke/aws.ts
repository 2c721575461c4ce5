import { resolve } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { REGION_NAMES } from '../../../core/regions.js';
import { defineCommand } from '../../command/define-command.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';
import type { AwsLife, SmokeStep } from '../../smoke/aws-life.js';
import type { SmokeRecord } from '../../smoke/smoke-record.js';
import { confirm } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';

export const smokeAws = defineCommand({
  name: 'aws',
  description:
    'make a cell, onboard a made-up clinic, back it up, restore, promote, rotate, erase; the same command goes on where it stopped',
  options: {
    region: { value: '<region>', description: 'where the cell is made', choices: REGION_NAMES },
    promoteTo: {
      value: '<region>',
      description: 'promote the clinic into a cell of its own there, and bring it back',
      choices: REGION_NAMES,
    },
    cell: { value: '<name>', description: 'begins the names of all that is made (smoke)' },
    network: {
      value: '<ids>',
      description: 'a network that this machine reaches: vpc-…,subnet-…,subnet-…',
    },
    caFile: {
      value: '<file>',
      description: 'authorities of the database’s certificate (PEM), instead of Amazon’s own',
    },
  },
  examples: [
    'ringfence smoke aws --region eu-central-1',
    'ringfence smoke aws --region eu-central-1 --promote-to eu-west-1',
  ],
  note: 'Begin in an empty folder. What it makes costs money until it is taken down: the last lines say how.',
  view: async () => (await import('../../smoke/smoke-view.js')).smokeView,
  run: async (context, { region, promoteTo, cell, network, caFile }) => {
    const { readSmokeRecord, writeSmokeRecord } = await import('../../smoke/smoke-record.js');
    const { cellsOf, stepsOf } = await import('../../smoke/aws-life.js');
    const { takeDownCommands } = await import('../../../control-plane/cells/take-down-commands.js');
    const { root } = context.project;
    const begun = readSmokeRecord(root);
    const ca = caFile === undefined ? undefined : resolve(context.terminal.cwd, caFile);
    const wished = { region, promoteTo, cell, network, caFile: ca };
    const life = begun ? sameLife(begun.life, wished) : await newLife(context, wished);
    const record: SmokeRecord = { life, passed: begun?.passed ?? [] };
    const steps = stepsOf(life);
    const left = cellsOf(life).flatMap(({ name, region: place }) => takeDownCommands(name, place));
    await confirm(context, costsMoney(life));
    writeSmokeRecord(root, record);
    const earlier = new Set(record.passed.map(({ step }) => step));
    let bucket: Bucket = {};
    for (const step of steps.filter(({ name }) => !earlier.has(name))) {
      if (bucket.RINGFENCE_OBJECTS === undefined) bucket = await bucketOf(context, life);
      const ended = await runStep(context, bucket, step, record.passed.at(-1)?.at ?? '');
      record.passed.push({ step: step.name, ...ended, at: wholeSecond(new Date()) });
      writeSmokeRecord(root, record);
    }
    const shown = record.passed.map(({ step, seconds, isUnknown }) => ({
      ...{ step, seconds, isUnknown, isEarlier: earlier.has(step) },
      command: commandOf(steps.find(({ name }) => name === step)),
    }));
    const unknown = shown.filter(({ isUnknown }) => isUnknown).map(({ step }) => step);
    context.result({ steps: shown, left }, () => describe(shown.length, unknown, left));
  },
});

const commandOf = (step: SmokeStep | undefined): string =>
  `ringfence ${step?.args('<moment>').join(' ') ?? ''}`;

const describe = (count: number, unknown: readonly string[], left: readonly string[]): string =>
  [
    `${count - unknown.length} passed${unknown.length > 0 ? `, cannot tell: ${unknown.join(', ')}` : ''}`,
    '',
    'what is left costs money; take it down:',
    ...left.map((line) => `  ${line}`),
    '',
  ].join('\n');

/** RDS knows whole seconds. */
const wholeSecond = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

type Wished = { readonly [Name in keyof AwsLife]: AwsLife[Name] | undefined };

/** @throws RingfenceError `usage` without a region, `conflict` in a folder that has a project already */
const newLife = async (context: Context, { region, cell, ...others }: Wished): Promise<AwsLife> => {
  if (region === undefined)
    throw new RingfenceError('usage', 'a smoke test needs a region', {
      fix: 'ringfence smoke aws --region <region>',
    });
  if (!(await isFresh(context)))
    throw new RingfenceError('conflict', `${context.project.root} has a project already`, {
      fix: 'begin in an empty folder: -C <folder>',
    });
  return { ...others, region, cell: cell ?? 'smoke' };
};

/** @throws RingfenceError `conflict` where the options are of another test than the folder's */
const sameLife = (life: AwsLife, wished: Wished): AwsLife => {
  for (const name of ['region', 'promoteTo', 'cell'] as const)
    if (wished[name] !== undefined && wished[name] !== life[name])
      throw new RingfenceError(
        'conflict',
        `the test of this folder has another ${name}: ${life[name] ?? 'none'}`,
        {
          fix: 'leave the option out to go on with it, or begin in an empty folder: -C <folder>',
        },
      );
  const { network, caFile } = wished;
  return {
    ...life,
    ...(network === undefined ? {} : { network }),
    ...(caFile === undefined ? {} : { caFile }),
  };
};

const costsMoney = ({ region, promoteTo }: AwsLife): string =>
  `This makes ${promoteTo ? `two databases (${region}, ${promoteTo})` : `a database in ${region}`} with keys, buckets and alarms in your account of AWS, which cost money until they are taken down. Go on?`;

/** @throws RingfenceError `deployment_failed` with what the command said */
const runStep = async (
  context: Context,
  bucket: Bucket,
  step: SmokeStep,
  before: string,
): Promise<{ seconds: number; isUnknown: boolean }> => {
  const { runOwnCommand } = await import('../../smoke/run-own-command.js');
  const args = step.args(before);
  context.say(`${context.colors.cyan('›')} ${step.name}: ringfence ${args.join(' ')}`);
  const startedMs = performance.now();
  const { status, printed, said } = await runOwnCommand(
    { cwd: context.project.root, env: { ...context.terminal.env, ...bucket } },
    args,
  );
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const isUnknown = status === 1 && step.mayBeUnknown === true;
  if (status !== 0 && !isUnknown)
    throw new RingfenceError(
      'deployment_failed',
      `${step.name} ended with ${status ?? 'a signal'}:\n${`${printed}${said}`.trim()}`,
      { fix: 'mend it and type the same again, which goes on here; or take down what there is: docs/aws.md' },
    );
  if (isUnknown) context.say(printed);
  const mark = isUnknown ? '? cannot tell' : context.colors.green('✓');
  context.say(`${mark} ${step.name} ${context.colors.dim(`${seconds} s`)}`);
  return { seconds, isUnknown };
};

interface Bucket {
  readonly RINGFENCE_OBJECTS?: string;
}

/** The setting of the cell's bucket, once there is a cell. One that the user has set stays. */
const bucketOf = async (context: Context, { cell }: AwsLife): Promise<Bucket> => {
  const { RINGFENCE_OBJECTS } = context.terminal.env;
  if (RINGFENCE_OBJECTS !== undefined) return { RINGFENCE_OBJECTS };
  if (await isFresh(context)) return {};
  const { backupsUrlOf, cellMadeInAws } = await import('../../../control-plane/cells/infrastructure.js');
  return withRuntime(context, async (runtime) => {
    const made = await cellMadeInAws(runtime, cell);
    const backups = made && (await backupsUrlOf(made));
    return backups === undefined ? {} : { RINGFENCE_OBJECTS: backups };
  });
};
