import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SLUG_PATTERN } from '../../../../manifest/index.js';
import { readTableName, tableFile } from '../../../database/table-name.js';
import { type ImportSource, readText, refused } from '../source/source.js';

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const count = z.number().int().nonnegative();
const clinic = z.object({
  id: uuid,
  slug: z.string().regex(SLUG_PATTERN),
  rows: count,
  tables: z.record(
    z.string().refine((name) => readTableName(name) === name),
    count,
  ),
});

/** What an import needs of an export's `manifest.json` (docs/formats.md, "Export"). */
const manifestSchema = z.object({
  format: z.literal('ringfence-export'),
  version: z.literal(1),
  id: uuid,
  tenant: z.object({ id: uuid, slug: z.string().regex(SLUG_PATTERN) }),
  clinics: z.array(clinic).max(1_000),
});
export type ReadManifest = z.infer<typeof manifestSchema>;

const ALONE = ['audit.jsonl', 'dictionary.json', 'index.html', 'manifest.json', 'SHA256SUMS'];

/** The path of one table of one clinic. */
export const rowsPath = (clinicSlug: string, table: string): string =>
  `clinics/${clinicSlug}/${tableFile(table)}.jsonl`;

/**
 * Verifies an export before a row of it is read: every file is one that an export has, is listed in SHA256SUMS and has
 * its checksum, and the manifest names the same files.
 *
 * @throws RingfenceError import_refused, naming the file
 */
export const readManifest = async (source: ImportSource): Promise<ReadManifest> => {
  await assertCheckSums(source);
  const manifest = parseManifest(await readText(source, 'manifest.json'));
  const expected = new Set(ALONE);
  for (const { slug, tables } of manifest.clinics) {
    for (const table of Object.keys(tables)) {
      const path = rowsPath(slug, table);
      if (!source.files.has(path)) throw refused(`there is no ${path}, which the manifest names`);
      expected.add(path).add(path.replace(/jsonl$/, 'csv'));
    }
  }
  for (const path of source.files.keys())
    if (!expected.has(path)) throw refused(`no export has ${shown(path)}`);
  return manifest;
};

const parseManifest = (text: string): ReadManifest => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused('manifest.json is not JSON', error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`manifest.json is not that of an export: ${issue?.path.join('.')} ${issue?.message}`);
  }
  const { clinics } = parsed.data;
  if (new Set(clinics.map(({ slug }) => slug)).size < clinics.length)
    throw refused('manifest.json names a clinic twice');
  return parsed.data;
};

const assertCheckSums = async (source: ImportSource): Promise<void> => {
  const sums = new Map<string, string>();
  for (const line of (await readText(source, 'SHA256SUMS')).split('\n').filter((text) => text !== '')) {
    const [, sum = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (path === '' || sums.has(path)) throw refused('SHA256SUMS has a line that no export has');
    sums.set(path, sum);
  }
  for (const path of source.files.keys()) {
    if (path === 'SHA256SUMS') continue;
    const hash = createHash('sha256');
    for await (const part of source.read(path)) hash.update(part);
    const sum = sums.get(path);
    if (sum === undefined) throw refused(`${shown(path)} is not in SHA256SUMS`);
    if (hash.digest('hex') !== sum) throw refused(`${shown(path)} was changed: its checksum differs`);
    sums.delete(path);
  }
  const [missing] = sums.keys();
  if (missing !== undefined) throw refused(`there is no ${shown(missing)}, which SHA256SUMS names`);
};

const shown = (path: string): string => JSON.stringify(path.slice(0, 80));
