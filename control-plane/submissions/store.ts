import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { readRows } from '../project/read-rows.js';

/** The states of a submission. */
export const SUBMISSION_STATES = ['waiting', 'running', 'ended'] as const;

const submissionSchema = z.object({
  id: z.guid(),
  kind: z.string(),
  slug: z.string().nullable(),
  version: z.string(),
  who: z.string(),
  login: z.string(),
  address: z.string().nullable(),
  submittedAt: z.date(),
  state: z.enum(SUBMISSION_STATES),
  /** The machine of the worker that took it up last. */
  worker: z.string().nullable(),
  isAtWork: z.boolean(),
  attempt: z.int(),
  beganAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  exitStatus: z.int().nullable(),
  errorCode: z.string().nullable(),
});

/** A submission as it is recorded; `isAtWork` says whether the worker that has it still lives. */
export type Submission = Readonly<z.infer<typeof submissionSchema>>;

const SELECT = `SELECT s.id, s.kind, s.slug, s.version, s.who, s.login, host(s.address) AS address,
    s.submitted_at AS "submittedAt", s.state, w.host AS worker,
    s.state = 'running' AND control.is_at_work(s.worker) AS "isAtWork", s.attempt, s.begun_at AS "beganAt",
    s.ended_at AS "endedAt", s.exit_status AS "exitStatus", s.error_code AS "errorCode"
  FROM control.submissions s LEFT JOIN control.workers w ON w.id = s.worker`;

const read = (rows: readonly unknown[]): Submission[] =>
  readRows(submissionSchema, 'control.submissions', rows);

export const findSubmission = async (
  control: Pick<pg.Pool, 'query'>,
  id: string,
): Promise<Submission | undefined> => read((await control.query(`${SELECT} WHERE s.id = $1`, [id])).rows)[0];

/** @throws RingfenceError `submission_not_found`. */
export const getSubmission = async (control: Pick<pg.Pool, 'query'>, id: string): Promise<Submission> => {
  const submission = await findSubmission(control, id);
  if (submission) return submission;
  throw new RingfenceError('submission_not_found', `there is no submission ${id}`, {
    fix: 'see `ringfence submissions list`',
  });
};

/** The one of a tenant that has not ended. */
export const findOpenSubmission = async (control: pg.Pool, slug: string): Promise<Submission | undefined> =>
  read((await control.query(`${SELECT} WHERE s.slug = $1 AND s.state <> 'ended'`, [slug])).rows)[0];

/** Newest first. */
export const listSubmissions = async (control: pg.Pool, limit: number): Promise<Submission[]> =>
  read((await control.query(`${SELECT} ORDER BY s.submitted_at DESC, s.id LIMIT $1`, [limit])).rows);

/** How many were submitted before it and wait too. */
export const countAhead = async (control: pg.Pool, id: string): Promise<number> => {
  const { rows } = await control.query(
    `SELECT count(*)::int AS ahead FROM control.submissions other, control.submissions s
      WHERE s.id = $1 AND other.state = 'waiting' AND other.submitted_at < s.submitted_at`,
    [id],
  );
  return readRows(z.object({ ahead: z.int() }), 'control.submissions', rows)[0]?.ahead ?? 0;
};

interface NewSubmission {
  readonly id: string;
  readonly kind: string;
  readonly request: unknown;
  readonly printing: Printing;
  readonly slug: string | null;
  readonly version: string;
  readonly who: string;
}

/** Records a submission and puts it into the queue. @returns false where the tenant has another one that has not ended. */
export const recordSubmission = async (control: pg.Pool, submission: NewSubmission): Promise<boolean> => {
  const { id, kind, request, printing, slug, version, who } = submission;
  const { rows } = await control.query('SELECT control.submit($1, $2, $3, $4, $5, $6, $7) AS taken', [
    id,
    kind,
    JSON.stringify(request),
    printing,
    slug,
    version,
    who,
  ]);
  return readRows(z.object({ taken: z.boolean() }), 'control.submit()', rows)[0]?.taken === true;
};

/** The name of the job that carries a submission out; `control.submit` has it too. */
export const SUBMISSION_TASK = 'submission';

const printingSchema = z.object({ json: z.boolean(), yes: z.boolean(), colors: z.boolean() });

/** How the output of a submission is printed, and whether its caller has agreed with --yes. */
export type Printing = Readonly<z.infer<typeof printingSchema>>;

const takenSchema = z.object({
  id: z.guid(),
  kind: z.string(),
  request: z.unknown(),
  printing: printingSchema,
  version: z.string(),
  who: z.string(),
  attempt: z.int(),
  /** An operation of it has ended, in an earlier attempt that did not come to report it. */
  isDone: z.boolean(),
});

/** A submission that this worker has taken. `attempt` is its fencing token. */
export type TakenSubmission = Readonly<z.infer<typeof takenSchema>>;

/** Takes a submission that waits, or whose worker is lost. @returns undefined for one that another worker has, or that has ended. */
export const takeSubmission = async (
  control: pg.Pool,
  id: string,
  worker: string,
): Promise<TakenSubmission | undefined> => {
  const { rows } = await control.query(
    `UPDATE control.submissions SET state = 'running', worker = $2, attempt = attempt + 1, begun_at = coalesce(begun_at, now())
      WHERE id = $1 AND (state = 'waiting' OR state = 'running' AND NOT control.is_at_work(worker))
     RETURNING id, kind, request, printing, version, who, attempt,
       EXISTS (SELECT FROM control.operations o WHERE o.correlation_id = $1 AND o.state = 'done') AS "isDone"`,
    [id, worker],
  );
  return readRows(takenSchema, 'control.submissions', rows)[0];
};

/** Adds to what it has printed. One that another worker has taken since prints nothing. */
export const addOutput = async (
  control: pg.Pool,
  { id, attempt }: Pick<TakenSubmission, 'id' | 'attempt'>,
  { stream, text }: Pick<Output, 'stream' | 'text'>,
): Promise<void> => {
  await control.query(
    `INSERT INTO control.submission_output (submission, stream, text)
     SELECT id, $3, $4 FROM control.submissions WHERE id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, stream, text],
  );
};

/** One that another worker has taken since ends nothing. */
export const endSubmission = async (
  control: pg.Pool,
  { id, attempt }: Pick<TakenSubmission, 'id' | 'attempt'>,
  { exitStatus, errorCode }: { readonly exitStatus: number; readonly errorCode: string | null },
): Promise<void> => {
  await control.query(
    `UPDATE control.submissions SET state = 'ended', ended_at = now(), exit_status = $3, error_code = $4,
       request = request - 'manifest'
      WHERE id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, exitStatus, errorCode],
  );
};

/** Ends one that no worker has taken. @returns false for any other, and for another submitter's. */
export const withdrawWaiting = async (
  control: pg.Pool,
  id: string,
  { exitStatus, errorCode }: { readonly exitStatus: number; readonly errorCode: string },
): Promise<boolean> => {
  const { rows } = await control.query('SELECT control.withdraw_submission($1, $2, $3) AS withdrawn', [
    id,
    exitStatus,
    errorCode,
  ]);
  return (
    readRows(z.object({ withdrawn: z.boolean() }), 'control.withdraw_submission()', rows)[0]?.withdrawn ===
    true
  );
};

const outputSchema = z.object({
  /** Its place in the order of all output; a number that JavaScript holds. */
  place: z.coerce.number(),
  stream: z.enum(['out', 'err']),
  text: z.string(),
});

/** A piece of what a submission has printed. */
export type Output = Readonly<z.infer<typeof outputSchema>>;

/** What it has printed after `place`, in its order. */
export const readOutput = async (control: pg.Pool, id: string, place: number): Promise<Output[]> => {
  const { rows } = await control.query(
    `SELECT place, stream, text FROM control.submission_output WHERE submission = $1 AND place > $2 ORDER BY place LIMIT 1000`,
    [id, place],
  );
  return readRows(outputSchema, 'control.submission_output', rows);
};

/** Submissions whose worker is lost, or that wait while no job of the queue is about to carry them out. */
export const listLost = async (control: pg.Pool): Promise<string[]> => {
  const { rows } = await control.query(
    `SELECT id FROM control.submissions s
      WHERE state = 'running' AND NOT control.is_at_work(worker)
         OR state = 'waiting' AND NOT EXISTS (SELECT FROM graphile_worker.jobs j WHERE j.key = $1 || ' ' || s.id AND j.locked_at IS NULL)`,
    [SUBMISSION_TASK],
  );
  return readRows(z.object({ id: z.guid() }), 'control.submissions', rows).map(({ id }) => id);
};

/** Puts a lost one into the queue again. The job of the lost worker finds nothing to do once the queue gives it back. */
export const queueAgain = async (control: pg.Pool, id: string): Promise<void> => {
  await control.query(
    `SELECT graphile_worker.add_job($2, json_build_object('id', $1::uuid), job_key := $2 || ' ' || $1)`,
    [id, SUBMISSION_TASK],
  );
};
