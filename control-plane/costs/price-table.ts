import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { Project } from '../project/project.js';

const price = z.strictObject({
  /** Of one unit, in the currency of the table. */
  amount: z.number().nonnegative(),
  /** A key of `sources`. */
  source: z.string(),
});
export type Price = z.infer<typeof price>;

const regionPrices = z.strictObject({
  /** On demand, for PostgreSQL in one zone, by class. */
  instanceHour: z.record(z.string(), price).default({}),
  storageGbMonth: price.optional(),
  backupGbMonth: price.optional(),
  keyMonth: price.optional(),
  objectGbMonth: price.optional(),
  /** Of containers of Fargate, Linux on x86. */
  taskCpuHour: price.optional(),
  taskGbHour: price.optional(),
  /** Of an interface endpoint in one zone. */
  endpointHour: price.optional(),
});

const tableSchema = z
  .strictObject({
    currency: z.string().length(3),
    eurPerUnit: z.strictObject({ eur: z.number().positive(), source: z.string() }),
    sources: z.record(
      z.string(),
      z.strictObject({
        /** When the price was read: a year, a month or a day. */
        date: z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'is a year, a month or a day: 2026-11-27'),
        from: z.string().min(1),
      }),
    ),
    regions: z.record(z.string(), regionPrices),
  })
  .superRefine(({ sources, eurPerUnit, regions }, context) => {
    const named = Object.values(regions).flatMap(({ instanceHour, ...units }) =>
      [...Object.values(instanceHour), ...Object.values(units)].flatMap((one) => one ?? []),
    );
    for (const { source } of [eurPerUnit, ...named])
      if (!(source in sources))
        context.addIssue({ code: 'custom', message: `sources has no ${source}`, path: ['sources'] });
  });

/** Prices, each with where it was read and when. What it lacks cannot be told. */
export type PriceTable = Readonly<z.infer<typeof tableSchema>> & {
  /** Its path; null for the one that comes with Ringfence. */
  readonly file: string | null;
};

const SHIPPED = fileURLToPath(new URL('./prices.json', import.meta.url));

/** A project's own, in the place of the one that comes with Ringfence. */
const OWN = 'prices.json';

/** @throws RingfenceError config_invalid for a table of the project that is none. */
export const readPriceTable = ({ root }: Pick<Project, 'root'>): PriceTable => {
  const own = join(root, OWN);
  return existsSync(own) ? { ...parse(own), file: own } : { ...parse(SHIPPED), file: null };
};

const parse = (path: string): z.infer<typeof tableSchema> => {
  try {
    return tableSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new RingfenceError('config_invalid', `${path} is no price table: ${problem}`, {
      fix: 'see docs/costs.md for its form, or move it away to use the table that comes with Ringfence',
      cause: error,
    });
  }
};
