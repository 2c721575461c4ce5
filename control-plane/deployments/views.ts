import { z } from 'zod';
import { moment } from '../view.js';
import { OUTCOMES } from './store.js';

/** A deployment, without what was deployed. */
export const listedDeploymentView = z.object({
  number: z.int(),
  inputsHash: z.string().nullable(),
  programVersion: z.string().nullable(),
  toolkitVersion: z.string().nullable(),
  checkpointHash: z.string().nullable(),
  who: z.string(),
  door: z.string(),
  correlationId: z.guid().nullable().describe('of the command, or the run of a job, that deployed'),
  why: z.string().nullable(),
  operation: z.guid().nullable(),
  outcome: z.enum(OUTCOMES),
  errorCode: z.string().nullable(),
  startedAt: moment,
  appliedAt: moment.nullable().describe('when the engine had done its part'),
  endedAt: moment.nullable(),
});

export const deploymentView = listedDeploymentView.extend({
  inputs: z
    .record(z.string(), z.unknown())
    .describe('the manifest of a tenant with every default filled in, or what was asked for a cell'),
});

const changed = z.array(
  z.strictObject({
    path: z.string(),
    before: z.unknown().optional().describe('missing where it was not there'),
    after: z.unknown().optional(),
  }),
);

export const deploymentDiffView = z.strictObject({ from: z.int(), to: z.int(), changes: changed });

export const deploymentRollbackView = z.strictObject({
  slug: z.string(),
  from: z.int().describe('the deployment that was in force'),
  to: z.int(),
  changes: changed,
  stays: z.array(z.string()).describe('what of that time does not come back'),
  deployed: z.boolean().describe('false for --dry-run, and where nothing was different'),
  undoneByApply: changed.describe(
    'what the manifest says otherwise: the next `tenants apply` deploys that again',
  ),
});
