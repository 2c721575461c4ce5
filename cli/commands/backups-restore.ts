import { resolve } from 'node:path';
import {
  type RestoreRequest,
  restoreTenant,
  restoreTenantToFiles,
  restoreTenantToSchema,
} from '../../control-plane/operations/tenant-backups.js';
import type { SchemaChange } from '../../data-plane/backup/tenant/shape.js';
import { RingfenceError } from '../../tenants/errors.js';
import { type Context, confirm } from '../context.js';
import { table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

interface Options {
  readonly backup?: string;
  readonly at?: Date;
  readonly to?: Date;
  readonly clinic: readonly string[];
  readonly table: readonly string[];
  readonly where: readonly string[];
  readonly into: 'in-place' | 'scratch' | 'file';
  readonly out?: string;
  readonly mode?: 'replace' | 'missing-only' | 'newest';
  readonly newestBy?: string;
  readonly dryRun?: boolean;
}

/** `ringfence backups restore <tenant> [--clinic] [--table] [--where] [--into] [--dry-run]` */
export const backupsRestore = async (context: Context, options: Options, slug: string): Promise<void> => {
  requireFitting(options);
  const request: RestoreRequest = {
    ...(options.backup ? { backupId: options.backup } : {}),
    ...(options.at ? { at: options.at } : {}),
    ...(options.to ? { to: options.to } : {}),
    clinics: options.clinic,
    tables: options.table,
    where: options.where,
    dryRun: options.dryRun === true,
  };
  if (options.into === 'in-place') await inPlace(context, options, slug, request);
  else if (options.into === 'scratch') await toSchema(context, slug, request);
  else await toFiles(context, slug, request, resolve(context.terminal.cwd, options.out ?? ''));
};

const requireFitting = ({ backup, at, to, into, out, mode, newestBy }: Options): void => {
  const wrong = (what: string): RingfenceError => new RingfenceError('usage', what);
  if ([backup, at, to].filter((given) => given !== undefined).length > 1)
    throw wrong('give one of --backup, --at and --to');
  if ((into === 'file') !== (out !== undefined)) throw wrong('--into file and --out <folder> go together');
  if (newestBy !== undefined && mode !== 'newest') throw wrong('--newest-by is for --mode newest');
  if (into !== 'in-place' && mode !== undefined) throw wrong('--mode is for a restore in place');
};

const inPlace = async (context: Context, options: Options, slug: string, request: RestoreRequest) => {
  const { dryRun } = request;
  const report = await withRuntime(context, async (runtime) => {
    if (!dryRun)
      await confirm(
        context,
        `Bring ${scopeOf(options)} of ${slug} back to ${options.to?.toISOString() ?? 'the backup'}?`,
      );
    return restoreTenant(runtime, slug, {
      ...request,
      ...(options.mode ? { mode: options.mode } : {}),
      ...(options.newestBy ? { newestBy: options.newestBy } : {}),
    });
  });
  context.result({ slug, dryRun, ...report }, () => {
    const rows = report.tables.map((row) =>
      [row.table, row.inBackup, row.live, row.inserted, row.updated, row.deleted, row.unchanged].map(String),
    );
    const head = ['table', 'in backup', 'live', 'inserted', 'updated', 'deleted', 'unchanged'];
    const fired =
      report.triggers === 'fired'
        ? '; triggers of the tables fired, as this cell lets nobody switch them off'
        : '';
    return `${table(head, rows)}${changed(report.changes)}${source(report)}${fired}${dryRun ? '; dry run: nothing was changed' : ''}\n`;
  });
};

const toSchema = async (context: Context, slug: string, request: RestoreRequest) => {
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToSchema(runtime, slug, request));
  const { schema, ...rest } = copy;
  context.result({ slug, dryRun, ...(dryRun ? rest : copy) }, () => {
    const end = dryRun
      ? 'dry run: nothing was copied'
      : `only the cell’s administrator reads it; drop it with: ringfence backups drop-scratch ${slug} ${schema}`;
    return `${copied(copy.tables, dryRun)}${changed(copy.changes)}${source(copy)}; ${end}\n`;
  });
};

const toFiles = async (context: Context, slug: string, request: RestoreRequest, folder: string) => {
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToFiles(runtime, slug, request, folder));
  context.result({ slug, dryRun, folder, ...copy }, () => {
    const end = dryRun
      ? 'dry run: nothing was written'
      : 'only you may read the files; sealed columns are sealed';
    return `${copied(copy.tables, dryRun)}${changed(copy.changes)}${source(copy)}; ${end}\n`;
  });
};

const copied = (
  tables: readonly { readonly table: string; readonly rows: number; readonly place: string }[],
  dryRun: boolean,
): string =>
  table(
    dryRun ? ['table', 'rows'] : ['table', 'rows', 'copied to'],
    tables.map((row) => [row.table, String(row.rows), ...(dryRun ? [] : [row.place])]),
  );

/** What the schema has otherwise than the backup, a line each. */
const changed = (changes: readonly SchemaChange[]): string =>
  changes
    .map(({ table: name, column, change, was, is }) => {
      if (column === null) return `${name} is gone: its rows are left out\n`;
      if (change === 'gone') return `${name}.${column} is gone: left out\n`;
      if (change === 'new') return `${name}.${column} is new: its default, or what is there\n`;
      return `${name}.${column} was ${was} and is ${is}: converted\n`;
    })
    .join('');

const source = ({
  backupId,
  takenAt,
}: {
  readonly backupId: string | null;
  readonly takenAt: Date;
}): string => `${backupId ? `backup ${backupId} of` : 'as it was at'} ${takenAt.toISOString()}`;

/** For the question before a restore in place. */
const scopeOf = ({ mode, table: tables, clinic, where }: Options): string => {
  const parts = [
    ...(tables.length > 0 ? [`of ${tables.join(', ')}`] : []),
    ...(clinic.length > 0 ? [`in ${clinic.join(', ')}`] : []),
    ...(where.length > 0 ? [`that ${where.join(' and ')} leads to`] : []),
  ];
  const rows = { replace: 'rows', 'missing-only': 'missing rows', newest: 'missing and newer rows' }[
    mode ?? 'replace'
  ];
  return parts.length > 0 ? [rows, ...parts].join(' ') : `all ${rows}`;
};
