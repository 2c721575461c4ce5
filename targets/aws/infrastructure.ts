import { z } from 'zod';
import { REGION_NAMES } from '../../core/regions.js';
import { SIZES } from '../../core/sizes.js';

/** Networks of cells are 10.<number>.0.0/16: those with different numbers can be connected. */
export const [FIRST_NETWORK_NUMBER, LAST_NETWORK_NUMBER] = [60, 255] as const;

/** What Ringfence makes in AWS for a cell, as whoever brought it up chose it. */
export const infrastructureSchema = z.strictObject({
  /** The number of the account. */
  account: z.string(),
  size: z.enum(SIZES),
  multiAz: z.boolean(),
  /** Null for a network of the cell's own. */
  network: z.strictObject({ vpcId: z.string(), subnetIds: z.array(z.string()) }).nullable(),
  /** The second number of the addresses of a network of the cell's own; FIRST_NETWORK_NUMBER where it was not chosen yet. */
  networkNumber: z.int().optional(),
  copiesIn: z.enum(REGION_NAMES).nullable(),
  /** Who may take the role of the data plane, and with it use the root of the tenants' keys: ARNs of roles and users. */
  operators: z.array(z.string()).optional(),
  /** Topics of SNS that are told of alarms. */
  alarmTopics: z.array(z.string()).optional(),
  /** The worker in the cell's network; left out for none. */
  worker: z
    .strictObject({
      /** In ECR, by digest. */
      image: z.string(),
      /** ARNs of secrets in Secrets Manager, by the variable of the worker that gets each. */
      secrets: z.record(z.string(), z.string()),
    })
    .optional(),
});

export type Infrastructure = Readonly<z.infer<typeof infrastructureSchema>>;
