import type pg from 'pg';
import type { Caller } from '../../../core/caller.js';
import { RingfenceError } from '../../../core/errors.js';
import { type Connection, withConnection } from '../../database/connect.js';
import { anyVersionReader } from '../../keys/rotation/any-version.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import type { Encoding } from './csv/encodings.js';
import { importKeys } from './import-keys.js';
import { type ImportPlan, planExport, planMapping } from './plan.js';
import { collectProblems, type ImportProblem, type Problems } from './problems.js';
import { openSource } from './source/open-source.js';
import { checkStages } from './staging/check-stages.js';
import { dropSame } from './staging/drop-same.js';
import type { Finding } from './staging/findings.js';
import { createStage, type Stage, stageRows } from './staging/stage.js';
import { typeStage } from './staging/type-stage.js';
import { readTargetClinics } from './target-clinics.js';
import { readTargetTables } from './target-tables.js';
import { type AddedRows, writeStages } from './write-stages.js';

export interface ImportOptions {
  /** An administrator whom row-level security does not bind. */
  readonly admin: Connection;
  readonly tenantId: string;
  /** Every version that envelopes may have; the last one seals. */
  readonly keys: readonly TenantKey[];
  /** A zip, a folder or a CSV file. */
  readonly path: string;
  /** Secret keys of age, where the source is sealed. */
  readonly identityPath?: string;
  /** Of CSV files; without one the source is an export. */
  readonly mappingPath?: string;
  /** Slugs of the tenant's clinics by those of the export, where they differ. */
  readonly clinicNames: ReadonlyMap<string, string>;
  readonly importId: string;
  /** For the clinics' audit log. */
  readonly caller?: Caller;
  /** Does everything, and rolls back. */
  readonly dryRun: boolean;
  /** The file that is read next. */
  readonly onProgress?: (path: string) => void;
  /** All rows are written, but not committed. */
  readonly onWritten?: () => void;
  /** How long the tenant's own work may be in the way. Default 30 seconds. */
  readonly lockTimeoutMs?: number;
}

/** A file that was read. */
interface ImportedFile {
  readonly file: string;
  readonly table: string;
  readonly rows: number;
  /** What the text of a CSV file was taken for. */
  readonly encoding?: Encoding;
}

/** What an import did, or, with problems, why it did nothing. */
export interface ImportReport {
  readonly files: readonly ImportedFile[];
  /** Rows by clinic id and `schema.table`. */
  readonly added: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Rows that were there already, as they are in the import. */
  readonly same: number;
  /** Rows of the export that only the platform writes, by `schema.table`. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly problems: readonly ImportProblem[];
  /** May be more than `problems` has. */
  readonly problemCount: number;
}

const LOCK_TIMEOUT_DEFAULT_MS = 30_000;
const FIRST_MAJOR = 16;
const BUSY = new Set(['40001', '40P01', '55P03']);

/**
 * Brings an export or CSV files into a tenant's clinics: everything is read and checked first, all problems are told at
 * once, and then everything is written in one transaction, or nothing. Rows that are there already, equal to those of the
 * import, stay as they are. Memory does not grow with the rows.
 *
 * @throws RingfenceError, and nothing is changed: usage; import_refused for a source that is damaged or hostile;
 *   import_invalid for the mapping; tenant_not_found, clinic_not_found, clinic_inactive, subscription_read_only;
 *   conflict, quota_exceeded as `writeStages`; tenant_busy when the tenant's own work is in the way.
 */
export const importTenant = async (options: ImportOptions): Promise<ImportReport> => {
  const source = await openSource(options.path, options.identityPath);
  try {
    return await withConnection(options.admin, async (client) => {
      await requireSoftInput(client);
      await client.query(`SET row_security = off; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'`);
      await client.query(`SELECT set_config('lock_timeout', $1, false)`, [
        `${options.lockTimeoutMs ?? LOCK_TIMEOUT_DEFAULT_MS}ms`,
      ]);
      const plannedWith = {
        source,
        clinics: await readTargetClinics(client, options.tenantId),
        target: await readTargetTables(client),
        clinicNames: options.clinicNames,
      };
      const plan =
        options.mappingPath === undefined
          ? await planExport(plannedWith)
          : await planMapping(plannedWith, options.mappingPath);
      await client.query('BEGIN');
      try {
        const report = await run(client, plan, options);
        await client.query(options.dryRun || report.problemCount > 0 ? 'ROLLBACK' : 'COMMIT');
        return report;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw translateBusy(error);
      }
    });
  } finally {
    source.close();
  }
};

const run = async (client: pg.Client, plan: ImportPlan, options: ImportOptions): Promise<ImportReport> => {
  const problems = collectProblems();
  const { stages, files } = await stageFiles(client, plan, options, problems);
  const paths = files.map(({ file }) => file);
  const tell = (found: readonly Finding[], stage?: Stage): void => {
    for (const { file, line, column, message } of found)
      problems.add({ file: paths[file] ?? '', line, column: nameOf(stages, stage, column), message });
  };
  for (const stage of stages) tell(await typeStage(client, stage), stage);
  // From here on nobody adds rows to these clinics: each needs its clinic's row.
  await client.query('SELECT FROM ringfence.clinics WHERE tenant_id = $1 ORDER BY id FOR UPDATE', [
    options.tenantId,
  ]);
  tell(await checkStages(client, stages, paths));
  let same = 0;
  const readers = new Map<string, ReturnType<typeof anyVersionReader>>();
  const openIn = (clinicId: string) => {
    const open = readers.get(clinicId) ?? anyVersionReader(options.keys, clinicId);
    readers.set(clinicId, open);
    return open;
  };
  for (const stage of stages) {
    const dropped = await dropSame(client, stage, openIn);
    tell(dropped.other, stage);
    same += dropped.same;
  }
  const { importId, tenantId, caller } = options;
  const added: AddedRows =
    problems.total > 0
      ? new Map()
      : await writeStages(client, stages, {
          tenantId,
          detail: { import: importId, ...plan.detail },
          caller,
        });
  if (problems.total === 0) options.onWritten?.();
  return {
    files,
    added: Object.fromEntries(added),
    same,
    leftOut: plan.leftOut,
    problems: problems.sorted(),
    problemCount: problems.total,
  };
};

/** Files of one table that give the same columns share a stage. */
const stageFiles = async (
  client: pg.Client,
  plan: ImportPlan,
  options: ImportOptions,
  problems: Problems,
): Promise<{ stages: Stage[]; files: ImportReport['files'] }> => {
  const key = options.keys.at(-1);
  if (key === undefined) throw new RingfenceError('key_not_found', 'the tenant has no key');
  const keys = importKeys(key);
  const stages = new Map<string, Stage>();
  const files: ImportedFile[] = [];
  for (const { path, table, columns, encoding, rows } of plan.files) {
    options.onProgress?.(path);
    const name = JSON.stringify([table.name, ...columns.map((column) => column.name)]);
    const stage = stages.get(name) ?? (await createStage(client, table, columns, stages.size));
    stages.set(name, stage);
    const file = { path, at: files.length };
    const count = await stageRows(client, stage, file, rows(problems.add), keys, problems);
    files.push({ file: path, table: table.name, rows: count, ...(encoding && { encoding }) });
  }
  return { stages: [...stages.values()], files };
};

/** A stored name as exports and mappings have it. */
const nameOf = (stages: readonly Stage[], stage: Stage | undefined, stored: string | null): string | null => {
  const columns = (stage === undefined ? stages : [stage]).flatMap(({ table }) => table.columns);
  return columns.find(({ storedAs }) => storedAs === stored)?.name ?? stored;
};

/** `pg_input_is_valid` came with 16: without it, telling all problems at once would take a transaction a value. */
const requireSoftInput = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  const { major = 0 } = rows[0] ?? {};
  if (major >= FIRST_MAJOR) return;
  throw new RingfenceError('database_refused', `imports need Postgres ${FIRST_MAJOR}; this is ${major}`, {
    fix: 'move the tenant to a cell with a newer server',
  });
};

const translateBusy = (error: unknown): unknown => {
  if (!BUSY.has((error as { code?: string } | null)?.code ?? '')) return error;
  return new RingfenceError('tenant_busy', 'the tenant’s own work is in the way of the import', {
    fix: 'try again when it has less to do',
    cause: error,
  });
};
