import type pg from 'pg';
import { z } from 'zod';
import { readRows } from '../project/read-rows.js';

/** What is deployed: a tenant or a cell. */
export type DeploymentSubject = { readonly tenantId: string } | { readonly cell: string };

export const OUTCOMES = ['running', 'done', 'failed', 'abandoned', 'adopted'] as const;

const deploymentSchema = z.object({
  number: z.int(),
  /** A tenant's manifest with every default filled in, or what was asked for a cell. Empty where an earlier version kept none. */
  inputs: z.record(z.string(), z.unknown()),
  inputsHash: z.string().nullable(),
  programVersion: z.string().nullable(),
  toolkitVersion: z.string().nullable(),
  checkpointHash: z.string().nullable(),
  who: z.string(),
  door: z.string(),
  /** Null where an earlier version kept none. */
  correlationId: z.guid().nullable(),
  why: z.string().nullable(),
  operation: z.guid().nullable(),
  outcome: z.enum(OUTCOMES),
  errorCode: z.string().nullable(),
  startedAt: z.date(),
  /** When the engine had done its part; null where it has not. */
  appliedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
});

/** What a tenant, or a cell, was deployed as. */
export type Deployment = Readonly<z.infer<typeof deploymentSchema>>;

const TABLE = 'control.deployments';

const COLUMNS = `number, inputs, inputs_hash AS "inputsHash", program_version AS "programVersion", toolkit_version AS "toolkitVersion",
  checkpoint_hash AS "checkpointHash", who, door, correlation_id AS "correlationId", why, operation, outcome, error_code AS "errorCode",
  started_at AS "startedAt", applied_at AS "appliedAt", ended_at AS "endedAt"`;

/** $1 is the tenant's id and $2 the cell's name; one of them is null. */
const OF_SUBJECT = '(tenant_id = $1::uuid OR cell = $2::text)';

const valuesOf = (subject: DeploymentSubject): [string | null, string | null] =>
  'tenantId' in subject ? [subject.tenantId, null] : [null, subject.cell];

const read = (rows: readonly unknown[]): Deployment[] => readRows(deploymentSchema, TABLE, rows);

/** Newest first. */
export const listDeployments = async (
  control: pg.Pool,
  subject: DeploymentSubject,
): Promise<Deployment[]> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.deployments WHERE ${OF_SUBJECT} ORDER BY number DESC`,
    valuesOf(subject),
  );
  return read(rows);
};

/** The newest one that the engine has applied, whatever became of it afterwards. */
export const lastApplied = async (
  control: pg.Pool,
  subject: DeploymentSubject,
): Promise<Deployment | undefined> => {
  const { rows } = await control.query(
    `SELECT ${COLUMNS} FROM control.deployments WHERE ${OF_SUBJECT} AND applied_at IS NOT NULL ORDER BY number DESC LIMIT 1`,
    valuesOf(subject),
  );
  return read(rows)[0];
};

/** The same of several tenants, by their ids. */
export const lastAppliedOf = async (
  control: pg.Pool,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, Deployment>> => {
  if (tenantIds.length === 0) return new Map();
  const { rows } = await control.query(
    `SELECT DISTINCT ON (tenant_id) tenant_id AS "tenantId", ${COLUMNS} FROM control.deployments
      WHERE tenant_id = ANY ($1::uuid[]) AND applied_at IS NOT NULL ORDER BY tenant_id, number DESC`,
    [tenantIds],
  );
  const schema = deploymentSchema.extend({ tenantId: z.guid() });
  return new Map(readRows(schema, TABLE, rows).map(({ tenantId, ...deployment }) => [tenantId, deployment]));
};

/** What a deployment begins with. */
export type NewDeployment = Pick<
  Deployment,
  | 'inputs'
  | 'inputsHash'
  | 'programVersion'
  | 'toolkitVersion'
  | 'who'
  | 'door'
  | 'correlationId'
  | 'why'
  | 'operation'
>;

/**
 * Records a deployment before it acts. The caller holds the lock of the tenant, or of the cell: one that is still running then
 * was killed. @returns its number.
 */
export const beginDeployment = async (
  control: pg.Pool,
  subject: DeploymentSubject,
  fields: NewDeployment,
): Promise<number> => {
  await control.query(
    `UPDATE control.deployments SET outcome = 'abandoned', ended_at = now() WHERE ${OF_SUBJECT} AND outcome = 'running'`,
    valuesOf(subject),
  );
  const { rows } = await control.query(
    `INSERT INTO control.deployments
       (tenant_id, cell, number, inputs, inputs_hash, program_version, toolkit_version, who, door, correlation_id, why,
        operation)
     SELECT $1::uuid, $2::text, 1 + coalesce(max(number), 0), $3, $4, $5, $6, $7, $8, $9, $10, $11
       FROM control.deployments WHERE ${OF_SUBJECT} RETURNING number`,
    [
      ...valuesOf(subject),
      fields.inputs,
      fields.inputsHash,
      fields.programVersion,
      fields.toolkitVersion,
      fields.who,
      fields.door,
      fields.correlationId,
      fields.why,
      fields.operation,
    ],
  );
  const [begun] = readRows(deploymentSchema.pick({ number: true }), TABLE, rows);
  return begun?.number ?? 0;
};

/** The engine has done its part. */
export const recordApplied = async (
  control: pg.Pool,
  subject: DeploymentSubject,
  number: number,
): Promise<void> => {
  await control.query(
    `UPDATE control.deployments SET applied_at = now() WHERE ${OF_SUBJECT} AND number = $3`,
    [...valuesOf(subject), number],
  );
};

export const endDeployment = async (
  control: Pick<pg.Pool, 'query'>,
  subject: DeploymentSubject,
  number: number,
  end:
    | { readonly outcome: 'done'; readonly checkpointHash: string }
    | { readonly outcome: 'failed'; readonly errorCode: string },
): Promise<void> => {
  await control.query(
    `UPDATE control.deployments SET outcome = $4, checkpoint_hash = $5, error_code = $6, ended_at = now()
      WHERE ${OF_SUBJECT} AND number = $3`,
    [
      ...valuesOf(subject),
      number,
      end.outcome,
      end.outcome === 'done' ? end.checkpointHash : null,
      end.outcome === 'failed' ? end.errorCode : null,
    ],
  );
};
