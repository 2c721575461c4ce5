import { z } from 'zod';
import { AWS_ROLES } from '../../core/aws-roles.js';
import { REACHES } from '../../core/reach.js';
import { REPLICA_COUNTS } from '../../core/replicas.js';
import { SIZES } from '../../core/sizes.js';
import { TIERS } from '../../manifest/index.js';
import { TARGET_NAMES } from '../../targets/index.js';
import { moment } from '../view.js';

/** A cell as it is recorded. */
export const cellView = z.object({
  name: z.string(),
  id: z.guid(),
  tier: z.enum(TIERS),
  region: z.string(),
  target: z.enum(TARGET_NAMES),
  // The address fields of all targets; those of other targets are null.
  rdsInstance: z.string().nullable(),
  rootKeyId: z.string().nullable(),
  port: z.int().nullable(),
  historyDays: z.int().describe('how many days back any second of it can be restored'),
  size: z.enum(SIZES).describe('the size class that its server shall have, where Ringfence sets it'),
  restartMs: z
    .int()
    .nullable()
    .describe('how long no client could connect at its last restart for new settings, as measured'),
  restartedAt: moment.nullable(),
  replicas: z.literal(REPLICA_COUNTS).describe('how many it shall have'),
  reach: z.enum(REACHES).describe('who reaches its server: any process of the project, or the worker alone'),
});

/** The policy of a role for one cell in AWS. */
export const permissionsView = z.strictObject({
  cell: z.string(),
  role: z.enum(AWS_ROLES),
  account: z.string(),
  region: z.string(),
  policy: z
    .strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(z.record(z.string(), z.unknown())) })
    .describe('as IAM takes it'),
});

/** What another size does to a cell. */
export const resizeView = z.strictObject({
  cell: z.string(),
  from: z.enum(SIZES),
  to: z.enum(SIZES),
  settings: z.array(
    z.strictObject({
      name: z.string().describe('as Postgres names it'),
      from: z.string(),
      to: z.string(),
      needsRestart: z.boolean(),
    }),
  ),
  restarts: z.boolean().describe('every session of the cell ends'),
  lastRestart: z
    .strictObject({ pauseMs: z.int(), at: moment })
    .nullable()
    .describe('the last one for new settings, as measured'),
  monthlyEur: z
    .strictObject({ from: z.number().nullable(), to: z.number().nullable() })
    .describe('what its operator pays; null where `ringfence.prices` of the cell does not say it'),
});

export const cellResizedView = z.strictObject({
  cell: cellView,
  resize: resizeView.nullable().describe('null where nothing had to change'),
});

/** The findings of the schema lint. */
export const findingView = z.strictObject({
  rule: z.string(),
  isolation: z.array(z.int()).describe('numbers of docs/threats.md'),
  object: z.string(),
  problem: z.string(),
  fix: z.string(),
});

export const lintedCellsView = z.array(
  z.strictObject({
    cell: z.string(),
    findings: z.array(findingView).nullable().describe('null for a cell that was not looked at'),
    state: z
      .enum(['stopped', 'absent', 'unreachable', 'lost', 'not deployed'])
      .optional()
      .describe('of a cell that was not looked at'),
  }),
);

export const cellRepairView = z.strictObject({
  cell: z.string(),
  differences: z.array(
    z.strictObject({
      kind: z.string(),
      object: z.string(),
      problem: z.string(),
      obstacle: z.strictObject({ sqlState: z.string().nullable(), fix: z.string() }).optional(),
    }),
  ),
  tenantIds: z.array(z.guid()).describe('tenants that differ from their deployments'),
  findings: z.array(findingView),
  dryRun: z.boolean(),
});

export const cellsDownView = z.strictObject({
  stopped: z.array(z.string()).optional(),
  removed: z.array(z.string()).optional().describe('with --purge'),
});

export const contextKeyRotationView = z.strictObject({
  cell: z.string(),
  keyId: z.int(),
  earlierValidUntil: moment.nullable(),
});

export const credentialsRotationView = z.strictObject({ cell: z.string() });

export const historiesView = z.array(
  z.strictObject({
    cell: z.string(),
    window: z
      .strictObject({ from: moment, to: moment })
      .optional()
      .describe('missing where it is not usable yet'),
    base: z
      .strictObject({ id: z.string(), storedBytes: z.int() })
      .nullable()
      .describe('null where Amazon RDS takes them'),
    removedBases: z.int(),
    removedSegments: z.int(),
  }),
);
