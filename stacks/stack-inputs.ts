import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../core/errors.js';

const StackInputsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cell'),
    cell: z.string(),
    tier: z.enum(['shared', 'dedicated']),
    region: z.string(),
    port: z.number().int().nullable(),
  }),
  z.strictObject({ kind: z.literal('tenant'), cell: z.string(), slug: z.string(), tenantId: z.uuid() }),
]);

/** What a stack was deployed with, so that plain `pulumi` can run the same program. No secret. */
export type StackInputs = z.infer<typeof StackInputsSchema>;

const FILE = 'inputs.json';

export const writeStackInputs = (stackDir: string, inputs: StackInputs): void => {
  const draft = join(stackDir, `.${FILE}.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(inputs, null, 2)}\n`);
  renameSync(draft, join(stackDir, FILE));
};

export const hasStackInputs = (stackDir: string): boolean => existsSync(join(stackDir, FILE));

/** @throws RingfenceError `config_invalid` for a stack that Ringfence has not deployed. */
export const readStackInputs = (stackDir: string): StackInputs => {
  try {
    return StackInputsSchema.parse(JSON.parse(readFileSync(join(stackDir, FILE), 'utf8')));
  } catch (cause) {
    throw new RingfenceError('config_invalid', 'Ringfence has not deployed this stack', {
      fix: 'deploy it first with `ringfence tenants add` or `ringfence cells up`',
      cause,
    });
  }
};
