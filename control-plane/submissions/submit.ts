import type { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { VERSION } from '../../core/version.js';
import type { LoadedManifest } from '../../manifest/index.js';
import type { Runtime } from '../runtime.js';
import { SUBMISSION_KINDS, type SubmissionKind, tenantOf } from './kinds.js';
import {
  findOpenSubmission,
  findSubmission,
  type Printing,
  recordSubmission,
  type Submission,
} from './store.js';
import { listAtWork } from './workers.js';

/** What somebody submits with: all of a runtime that is needed, so that one without a project can. */
export type Submitter = Pick<Runtime, 'control' | 'caller'>;

/** A command that a worker shall carry out. */
export interface CommandToSubmit {
  readonly kind: SubmissionKind;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Those that come along. */
  readonly manifests: readonly LoadedManifest[];
  readonly printing: Printing;
}

/**
 * Writes a command down for a worker. Its id is the caller's correlation id.
 * @throws RingfenceError `usage` for what no worker does, `worker_missing` where none of this version is at work, `tenant_busy`
 * while another submission of the tenant has not ended. Nothing is recorded then.
 */
export const submitCommand = async (submitter: Submitter, command: CommandToSubmit): Promise<Submission> => {
  const { control, caller } = submitter;
  const { kind, manifests, printing } = command;
  const request = requestOf(command);
  const tenant = tenantOf(kind, request.args);
  const open = tenant === null ? undefined : await findOpenSubmission(control, tenant);
  if (open) throw busy(open.slug ?? '', open);
  await requireWorker(submitter);
  const recorded = await recordSubmission(control, {
    id: caller.correlationId,
    kind,
    request: withManifests(request, manifests),
    printing,
    slug: tenant,
    version: VERSION,
    who: caller.who,
  });
  if (!recorded) throw busy(tenant ?? '', await findOpenSubmission(control, tenant ?? ''));
  const submission = await findSubmission(control, caller.correlationId);
  if (submission) return submission;
  throw new RingfenceError('internal', 'a submission was recorded, and is not there');
};

/** What is written down of a command, as JSON. */
const requestOf = ({ kind, args, options }: CommandToSubmit): { args: unknown[]; options: unknown } => {
  const request = JSON.parse(JSON.stringify({ args, options })) as { args: unknown[]; options: unknown };
  const read = (SUBMISSION_KINDS[kind] as z.ZodType).safeParse(request);
  if (read.success) return request;
  const problems = read.error.issues.map(({ path, message, code, ...issue }) =>
    code === 'unrecognized_keys'
      ? `${(issue as { keys: string[] }).keys.map(optionName).join(', ')} is for a command that runs here`
      : `${path[0] === 'options' ? optionName(String(path[1])) : `argument ${Number(path[1]) + 1}`}: ${message}`,
  );
  throw new RingfenceError('usage', `a worker does not do that of \`${kind}\`: ${problems.join('; ')}`, {
    fix: 'leave it out, or run the command where the cell is reached, without --on-worker',
  });
};

/** What the table takes of one. */
const REQUEST_MAX_BYTES = 1_000_000;

/** @throws RingfenceError `usage` for more than a row takes. */
const withManifests = (request: object, manifests: readonly LoadedManifest[]): object => {
  const [only, ...more] = manifests;
  if (only === undefined) return request;
  const whole = { ...request, manifest: more.length === 0 ? only : manifests };
  if (Buffer.byteLength(JSON.stringify(whole)) <= REQUEST_MAX_BYTES) return whole;
  throw new RingfenceError('usage', `${manifests.length} manifests are too many for one submission`, {
    fix: 'name one tenant after the other, or apply them where the project is',
  });
};

const optionName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const requireWorker = async ({ control }: Submitter): Promise<void> => {
  const atWork = await listAtWork(control);
  if (atWork.length === 0)
    throw new RingfenceError('worker_missing', 'no worker is at work, and nothing was submitted', {
      fix: 'start one in the network of the cell with `ringfence worker`, and run the command again',
    });
  if (atWork.some(({ version }) => version === VERSION)) return;
  const others = [...new Set(atWork.map(({ host, version }) => `${version} on ${host}`))].join(', ');
  throw new RingfenceError(
    'worker_missing',
    `no worker of version ${VERSION}, which this is, is at work: ${others}; nothing was submitted`,
    { fix: 'run the same version on both sides' },
  );
};

const busy = (slug: string, open: Submission | undefined): RingfenceError =>
  open === undefined
    ? new RingfenceError('tenant_busy', `another submission for tenant ${slug} has ended just now`, {
        fix: 'run the command again',
      })
    : new RingfenceError(
        'tenant_busy',
        `tenant ${slug} has a submission that has not ended: ${open.kind}, by ${open.who}, ${open.state} since ${(open.beganAt ?? open.submittedAt).toISOString()}`,
        { fix: `watch it with \`ringfence submissions watch ${open.id}\`, and run this command afterwards` },
      );
