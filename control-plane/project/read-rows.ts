import type { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';

/**
 * Rows of the control database, as the schema beside their query says what they are. Ids are `z.guid()` there, because Postgres takes
 * a UUID of any version.
 * @param table that they are of, for the error.
 * @throws RingfenceError `row_invalid` for one that does not fit; it names the table and the columns, no values.
 */
export const readRows = <Row>(schema: z.ZodType<Row>, table: string, rows: readonly unknown[]): Row[] =>
  rows.map((row) => {
    const read = schema.safeParse(row);
    if (read.success) return read.data;
    // A path goes on into JSON, whose keys may be a tenant's.
    const columns = new Set(read.error.issues.map(({ path }) => String(path[0])));
    throw new RingfenceError(
      'row_invalid',
      `a row of ${table} is not what this version reads: ${[...columns].join(', ')}`,
      {
        fix: 'work on with the version of Ringfence that wrote it; where it was changed by hand, put it right or bring the newest state back with `ringfence control restore`',
      },
    );
  });
