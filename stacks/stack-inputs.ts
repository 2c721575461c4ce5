import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../core/errors.js';
import { replaceFile } from '../core/files/whole-file.js';
import { REPLICA_COUNTS } from '../core/replicas.js';
import { DEFAULT_SIZE, SIZES } from '../core/sizes.js';
import { tenantSchema } from '../manifest/index.js';

const StackInputsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cell'),
    deployment: z.int(),
    cell: z.string(),
    tier: z.enum(['shared', 'dedicated']),
    region: z.string(),
    port: z.number().int().nullable(),
    /** Deployments of earlier versions name none. */
    size: z.enum(SIZES).default(DEFAULT_SIZE),
    replicas: z.literal(REPLICA_COUNTS).default(0),
  }),
  z.strictObject({
    kind: z.literal('tenant'),
    deployment: z.int(),
    /** The tenant's cells, its home included. */
    placements: z.array(z.strictObject({ cell: z.string(), isHome: z.boolean() })),
    tenantId: z.guid(),
    /** The manifest, every default filled in. */
    tenant: tenantSchema,
  }),
]);

/** The inputs of a stack's deployment, with its number, so that plain `pulumi` runs the same program. No secret. */
export type StackInputs = z.output<typeof StackInputsSchema>;

const FILE = 'inputs.json';

export const writeStackInputs = (stackDir: string, inputs: StackInputs): void => {
  // People are named in it.
  replaceFile(join(stackDir, FILE), `${JSON.stringify(inputs, null, 2)}\n`, { mode: 0o600 });
};

const anyDeployment = z.object({ deployment: z.int() });

/** The deployment that plain `pulumi` would run; undefined without one, for one of an earlier version, and where the file is torn. */
export const stackDeployment = (stackDir: string): number | undefined => {
  const path = join(stackDir, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return anyDeployment.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data?.deployment;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** @throws RingfenceError `config_invalid` for a stack that Ringfence has not deployed. */
export const readStackInputs = (stackDir: string): StackInputs => {
  try {
    return StackInputsSchema.parse(JSON.parse(readFileSync(join(stackDir, FILE), 'utf8')));
  } catch (cause) {
    throw new RingfenceError('config_invalid', 'this version of Ringfence has not deployed this stack', {
      fix: 'deploy it first with `ringfence tenants add` or `ringfence cells up`',
      cause,
    });
  }
};
