import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import { REGION_NAMES } from '../../core/regions.js';

const FILE = 'smoke.json';

/** What a folder's smoke test is of, and how far it has come. */
const smokeRecord = z.strictObject({
  life: z.strictObject({
    cell: z.string(),
    region: z.enum(REGION_NAMES),
    promoteTo: z.enum(REGION_NAMES).optional(),
    network: z.string().optional(),
    caFile: z.string().optional(),
  }),
  passed: z.array(
    z.strictObject({ step: z.string(), seconds: z.number(), isUnknown: z.boolean(), at: z.iso.datetime() }),
  ),
});
export type SmokeRecord = z.infer<typeof smokeRecord>;

/** @returns undefined where no test began. @throws RingfenceError `conflict` for a file that is not ours. */
export const readSmokeRecord = (folder: string): SmokeRecord | undefined => {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return smokeRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RingfenceError('conflict', `${path} is not the record of a smoke test`, {
      fix: 'take another folder with -C',
      cause,
    });
  }
};

export const writeSmokeRecord = (folder: string, record: SmokeRecord): void =>
  replaceFile(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
