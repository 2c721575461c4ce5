import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { type ErrorCode, EXIT_STATUS } from '../../core/errors.js';
import { VERSION } from '../../core/version.js';
import { checkTenant, hashTenant, type LoadedManifest } from '../../manifest/index.js';
import { isSubmissionKind, SUBMISSION_KINDS, type SubmissionKind, type SubmittedWords } from './kinds.js';
import {
  addOutput,
  endSubmission,
  type Output,
  type Printing,
  type TakenSubmission,
  takeSubmission,
} from './store.js';

/** A command as a worker is asked to run it. */
interface SubmittedCommand {
  readonly id: string;
  readonly kind: SubmissionKind;
  readonly words: SubmittedWords;
  /** Those that came along. */
  readonly manifests: readonly LoadedManifest[];
  readonly printing: Printing;
  /** Who submitted it. */
  readonly who: string;
}

/** How a command ended. */
export interface CommandEnd {
  readonly exitStatus: number;
  readonly errorCode: ErrorCode | null;
}

/** Runs a command in this process, as it would run where it was submitted. `print` gets its output. */
export type RunSubmitted = (
  command: SubmittedCommand,
  print: (output: Pick<Output, 'stream' | 'text'>) => void,
) => Promise<CommandEnd>;

/** Carries a submission out, if nobody else does, and records what it prints and how it ends. */
export const carryOutSubmission = async (
  control: pg.Pool,
  {
    id,
    worker,
    run,
    say,
  }: {
    readonly id: string;
    readonly worker: string;
    readonly run: RunSubmitted;
    readonly say: (line: string) => void;
  },
): Promise<void> => {
  const taken = await takeSubmission(control, id, worker);
  if (taken === undefined) return;
  const { kind, who, attempt } = taken;
  say(`${kind} ${id}, submitted by ${who}${attempt > 1 ? `, attempt ${attempt}` : ''}`);
  const recording = recordOutput(control, taken);
  const end = await endOf(taken, run, recording.print);
  await recording.written();
  await recordEnd(control, taken, end);
  say(`${kind} ${id} ended with status ${end.exitStatus}`);
};

const END_TRIES = 600;

/** While the control database is away, an end waits: nobody else takes up what this worker has. */
const recordEnd = async (control: pg.Pool, taken: TakenSubmission, end: CommandEnd): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await endSubmission(control, taken, end);
    } catch (error) {
      if (attempt === END_TRIES) throw error;
      await pause(1_000);
    }
  }
};

const endOf = async (
  taken: TakenSubmission,
  run: RunSubmitted,
  print: (output: Pick<Output, 'stream' | 'text'>) => void,
): Promise<CommandEnd> => {
  const refuse = (errorCode: ErrorCode, message: string, fix: string): CommandEnd => {
    print({ stream: 'err', text: `error [${errorCode}] ${message}\n  fix: ${fix}\n` });
    if (taken.printing.json)
      print({
        stream: 'out',
        text: `${JSON.stringify({ error: { code: errorCode, message, fix, correlationId: taken.id } })}\n`,
      });
    return { exitStatus: EXIT_STATUS[errorCode], errorCode };
  };
  if (taken.version !== VERSION)
    return refuse(
      'submission_refused',
      `it was submitted by version ${taken.version}, and this worker is ${VERSION}`,
      'run the same version on both sides, and submit it again',
    );
  // A repeated restore would take back what was written since.
  if (taken.isDone)
    return refuse(
      'result_unknown',
      'its operation has ended well, and its worker was lost before it could say more; it was not repeated',
      'see `ringfence operations list`',
    );
  const command = readCommand(taken);
  if (command === undefined)
    return refuse(
      'submission_refused',
      `this worker does not know what is written down of \`${taken.kind}\``,
      'run the same version on both sides, and submit it again',
    );
  return run(command, print);
};

const manifestSchema = z.strictObject({
  path: z.string(),
  tenant: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
const requestSchema = z.looseObject({
  manifest: z.union([manifestSchema, manifestSchema.array()]).optional(),
});

/** Reads a request by the schema of its kind. @returns undefined for one that does not fit: who writes rows says nothing else with them. */
const readCommand = (taken: TakenSubmission): SubmittedCommand | undefined => {
  const { kind, id, printing, who } = taken;
  const request = requestSchema.safeParse(taken.request);
  if (!request.success || !isSubmissionKind(kind)) return undefined;
  const { manifest, ...rest } = request.data;
  const words = SUBMISSION_KINDS[kind].safeParse(rest);
  if (!words.success) return undefined;
  const manifests: LoadedManifest[] = [];
  for (const one of manifest === undefined ? [] : [manifest].flat()) {
    const loaded = readManifest(one);
    if (loaded === undefined) return undefined;
    manifests.push(loaded);
  }
  const [slug] = words.data.args;
  if (slug !== undefined && manifests.some(({ tenant }) => tenant.slug !== slug)) return undefined;
  return { id, kind, words: words.data, manifests, printing, who };
};

const readManifest = ({ path, tenant, hash }: z.infer<typeof manifestSchema>): LoadedManifest | undefined => {
  const parsed = checkTenant(tenant);
  return parsed.ok && hashTenant(parsed.tenant) === hash ? { path, tenant: parsed.tenant, hash } : undefined;
};

/** Writes what is printed into the record, in its order; a piece that cannot be written is left out. */
const recordOutput = (control: pg.Pool, taken: TakenSubmission) => {
  let written = Promise.resolve();
  return {
    print: (output: Pick<Output, 'stream' | 'text'>): void => {
      written = written.then(() => addOutput(control, taken, output)).catch(() => undefined);
    },
    written: () => written,
  };
};
