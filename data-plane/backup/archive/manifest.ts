import { z } from 'zod';
import { isName } from '../../../core/postgres-name.js';
import { readTableName } from '../../database/table-name.js';
import { refused } from './refused.js';

export const MANIFEST_MAX_BYTES = 8 * 1024 * 1024;
const SECTIONS_MAX = 10_000;
const BASES_MAX = 1_000;

const count = z.int().min(0);
const PLAIN = /^[a-z0-9_]{1,63}$/;
/** A table's name in its one spelling, or a plain word. */
const sectionName = z.string().refine((name) => PLAIN.test(name) || readTableName(name) === name);
const section = z.strictObject({
  name: sectionName,
  columns: z.array(z.string().refine(isName)).max(1_600),
  rows: count,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const indexRecord = z.strictObject({ section: sectionName, startByte: count, record: count });
const manifest = z.strictObject({
  schemaVersion: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
  sections: z.array(section).max(SECTIONS_MAX),
  bases: z.array(z.guid()).max(BASES_MAX).optional(),
  chunkIndex: z.array(indexRecord).optional(),
  about: z.record(z.string(), z.json()).optional(),
});

/** One table of an archive. `bytes` and `sha256` (hex) are of its data before compression. */
export type ArchiveSection = Readonly<z.infer<typeof section>>;

/** The position of an index record of a section. */
export type IndexRecordPlace = Readonly<z.infer<typeof indexRecord>>;

/** The content of an archive, in its order. It is the last record. */
export interface ArchiveManifest {
  readonly schemaVersion: string;
  readonly sections: readonly ArchiveSection[];
  /** Backups whose archives it refers to, and needs. Empty or absent in a full one. */
  readonly bases?: readonly string[] | undefined;
  /** Absent where no later archive can refer to this one. */
  readonly chunkIndex?: readonly IndexRecordPlace[] | undefined;
  /** The catalogue's description of the rows' tenant. The catalogue can be made again from it. */
  readonly about?: ArchiveSubject | undefined;
}

/** JSON. */
export type ArchiveSubject = NonNullable<z.infer<typeof manifest>['about']>;

/**
 * A section's name, told from whatever no table can be called. It may hold anything within quotes, so it is no path.
 *
 * @throws RingfenceError backup_refused, also for a name that `taken` holds.
 */
export const assertSectionName = (name: string, taken: ReadonlyMap<string, unknown>): void => {
  if (!sectionName.safeParse(name).success) throw refused('a section has a name that no table has');
  if (taken.has(name)) throw refused(`section ${name} is there twice`);
  if (taken.size >= SECTIONS_MAX) throw refused(`it has more than ${SECTIONS_MAX} sections`);
};

/** @throws RingfenceError backup_refused when malformed or too large. */
export const encodeManifest = (value: ArchiveManifest): Buffer => {
  const checked = manifest.safeParse(value);
  if (!checked.success) throw refused('its manifest would be malformed', checked.error);
  const json = Buffer.from(JSON.stringify(checked.data));
  if (json.length > MANIFEST_MAX_BYTES) throw refused('its manifest would be too large');
  return json;
};

/** @throws RingfenceError backup_refused */
export const decodeManifest = (json: Buffer): ArchiveManifest => {
  try {
    return manifest.parse(JSON.parse(json.toString('utf8')));
  } catch (error) {
    throw refused('its manifest is malformed', error);
  }
};
