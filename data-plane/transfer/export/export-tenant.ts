import type { Caller } from '../../../core/caller.js';
import { newFile } from '../../../core/files/new-file.js';
import { auditLines } from '../../audit/export.js';
import { withSnapshot } from '../../backup/tenant/snapshot.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { cellSchemaHash } from '../../database/schema-hash.js';
import { anyVersionReader } from '../../keys/rotation/any-version.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import type { Recipients } from '../age/recipients.js';
import { auditExported, chooseClinics } from './clinics.js';
import { BYTE_ORDER_MARK, csvHeader, csvLines } from './csv.js';
import { type ExportTable, readExportTables } from './dictionary.js';
import { indexPage } from './index-page.js';
import { jsonLines } from './json-lines.js';
import type { CountedClinic, ExportedClinic, ExportManifest } from './manifest.js';
import { type JsonRow, readRows } from './read-rows.js';
import { writeZip, type ZipWriter } from './zip-file.js';

export interface ExportOptions {
  /** An administrator whom row-level security does not bind. */
  readonly admin: Connection;
  readonly tenant: ExportManifest['tenant'];
  /** Every version that envelopes may have. */
  readonly keys: readonly TenantKey[];
  /** Slugs; empty for all. */
  readonly clinics: readonly string[];
  /** A file that is not there, in a folder that is. */
  readonly path: string;
  /** Without any the zip is plain. */
  readonly sealTo?: Recipients;
  readonly exportId: string;
  /** For the clinics' audit log. */
  readonly caller?: Caller;
  readonly toolVersion: string;
  readonly now: Date;
  /** The table that is written next. */
  readonly onProgress?: (progress: { readonly clinic: string; readonly table: string }) => void;
  /** The zip is whole, but not in its place. */
  readonly onWritten?: () => void;
}

export type ExportReport = ExportManifest & {
  /** Of the file. */
  readonly bytes: number;
  /** Public keys of those who can open it; empty for a plain zip. */
  readonly sealedTo: readonly string[];
};

/**
 * Writes a tenant's rows, decrypted and as of one moment, into a zip (docs/formats.md, "Export"), and tells its clinics.
 * Memory does not grow with the rows. The tenant works on meanwhile.
 *
 * @throws RingfenceError usage or disk_full for the file; tenant_not_found; clinic_not_found; envelope_refused for a
 *   field that no key opens; database_refused when row-level security binds the administrator.
 */
export const exportTenant = (options: ExportOptions): Promise<ExportReport> =>
  newFile(options.path, async (draft) => {
    const report = await writeSnapshot(options, draft);
    options.onWritten?.();
    await withConnection(options.admin, (client) =>
      auditExported(client, options.exportId, { ...report, caller: options.caller }),
    );
    return report;
  });

const writeSnapshot = (options: ExportOptions, draft: string): Promise<ExportReport> =>
  withSnapshot(options.admin, async (client) => {
    await client.query(`SET LOCAL TimeZone = 'UTC'`);
    const { tenant, keys, now } = options;
    const { clinics, complete } = await chooseClinics(client, tenant.id, options.clinics);
    const tables = await readExportTables(client);
    const dictionary = tables.map(({ description }) => description);
    const counted: CountedClinic[] = [];
    const manifest = (): ExportManifest => ({
      format: 'ringfence-export',
      version: 1,
      id: options.exportId,
      createdAt: now,
      tool: { name: 'ringfence', version: options.toolVersion },
      schemaVersion: cellSchemaHash(),
      tenant,
      complete,
      rows: counted.reduce((sum, { rows }) => sum + rows, 0),
      clinics: counted,
    });
    const { sealTo } = options;
    const file = { path: draft, modifiedAt: now, ...(sealTo && { sealTo }) };
    const bytes = await writeZip(file, async (zip) => {
      for (const clinic of clinics) {
        const open = anyVersionReader(keys, clinic.id);
        const read = (table: ExportTable) => readRows(client, table, clinic.id, open);
        counted.push(await writeClinic(zip, clinic, tables, read, options));
      }
      if (complete) await zip.add('audit.jsonl', linesOf(auditLines(client, tenant.id)));
      await zip.add('dictionary.json', [`${JSON.stringify(dictionary, null, 2)}\n`]);
      await zip.add('manifest.json', [`${JSON.stringify(manifest(), null, 2)}\n`]);
      await zip.add('index.html', [indexPage(manifest(), dictionary)]);
    });
    return { ...manifest(), bytes, sealedTo: sealTo?.keys ?? [] };
  });

type Read = (table: ExportTable) => AsyncIterable<JsonRow[]>;

const writeClinic = async (
  zip: ZipWriter,
  clinic: ExportedClinic,
  tables: readonly ExportTable[],
  read: Read,
  { onProgress }: ExportOptions,
): Promise<CountedClinic> => {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { table: name, file, columns } = table.description;
    onProgress?.({ clinic: clinic.slug, table: name });
    const names = columns.map((column) => column.name);
    const path = `clinics/${clinic.slug}/${file}`;
    let rows = 0;
    const write = jsonLines(names);
    await zip.add(
      `${path}.jsonl`,
      mapped(read(table), (batch) => {
        rows += batch.length;
        return write(batch);
      }),
    );
    await zip.add(`${path}.csv`, csvFile(names, read(table)));
    counts[name] = rows;
  }
  return { ...clinic, rows: Object.values(counts).reduce((sum, rows) => sum + rows, 0), tables: counts };
};

async function* csvFile(names: readonly string[], batches: AsyncIterable<JsonRow[]>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvHeader(names);
  yield* mapped(batches, csvLines);
}

async function* mapped<T>(source: AsyncIterable<T>, change: (part: T) => string): AsyncGenerator<string> {
  for await (const part of source) yield change(part);
}

const linesOf = (lines: AsyncIterable<string>): AsyncIterable<string> => mapped(lines, (line) => `${line}\n`);
