import type pg from 'pg';
import { z } from 'zod';
import { REGION_NAMES } from '../../core/regions.js';
import { infrastructureSchema } from '../../targets/aws/infrastructure.js';
import { readRows } from './read-rows.js';

/** What Ringfence makes in AWS for the control database, as whoever brought it up chose it. */
const schema = z.strictObject({
  ...infrastructureSchema.omit({ operators: true, worker: true }).shape,
  region: z.enum(REGION_NAMES),
  /** What AWS named; left out until it was made whole. */
  made: z.strictObject({ vpcId: z.string(), clientsSecurityGroup: z.string() }).optional(),
});

export type ControlInfrastructure = Readonly<z.infer<typeof schema>>;

/** Undefined for a control database on this machine, and on an instance that was there already. */
export const findControlInfrastructure = async (
  control: pg.Pool,
): Promise<ControlInfrastructure | undefined> => {
  const { rows } = await control.query('SELECT infrastructure FROM control.project');
  const [found] = readRows(z.object({ infrastructure: schema.nullable() }), 'control.project', rows);
  return found?.infrastructure ?? undefined;
};

export const recordControlInfrastructure = async (
  control: pg.Pool,
  infrastructure: ControlInfrastructure,
): Promise<void> => {
  await control.query('UPDATE control.project SET infrastructure = $1', [infrastructure]);
};
