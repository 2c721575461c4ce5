import { resolve } from 'node:path';
import { restoreTenant } from '../../control-plane/backups/restore-in-place.js';
import { lossOf } from '../../control-plane/backups/restore-loss.js';
import type { RestoreRequest } from '../../control-plane/backups/restore-source.js';
import { restoreTenantToFiles, restoreTenantToSchema } from '../../control-plane/backups/tenant-backups.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { RingfenceError } from '../../core/errors.js';
import { type Context, confirm, confirmByName, confirmOption } from '../context.js';
import { table } from '../print.js';
import { describeRestore, describeSchemaChanges, describeSource } from '../print-restore.js';
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
  readonly confirm?: string;
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
  const { mode, newestBy } = options;
  const wanted = { ...request, ...(mode ? { mode } : {}), ...(newestBy ? { newestBy } : {}) };
  const report = await withRuntime(context, async (runtime) =>
    restoreTenant(runtime, slug, {
      ...wanted,
      ...(dryRun ? {} : await agree(context, runtime, options, slug, wanted)),
    }),
  );
  const { isLoss, deleted, inserted } = lossOf(report);
  context.result({ slug, dryRun, ...report, deleted, inserted, isLoss }, () => {
    const needs = isLoss
      ? `: it would delete ${deleted} rows and bring ${inserted} back, and needs --confirm ${slug}`
      : '';
    return `${describeRestore(report)}${dryRun ? `; dry run: nothing was changed${needs}` : ''}\n`;
  });
};

/**
 * Has somebody agree to a restore in place, a person after a look at what it would do.
 * @returns how many rows may be deleted where more go than come back, and the backup that was looked at.
 */
const agree = async (
  context: Context,
  runtime: Runtime,
  options: Options,
  slug: string,
  wanted: Parameters<typeof restoreTenant>[2],
): Promise<Partial<Parameters<typeof restoreTenant>[2]>> => {
  const question = `Bring ${scopeOf(options)} of ${slug} back to ${options.to?.toISOString() ?? 'the backup'}?`;
  if (options.confirm !== undefined) {
    await confirmByName(context, slug, question, confirmOption(slug, options.confirm));
    return { agreedDeletions: Number.POSITIVE_INFINITY };
  }
  if (context.yes || !context.interactive) {
    await confirm(context, question);
    return {};
  }
  const planned = await restoreTenant(runtime, slug, { ...wanted, dryRun: true });
  context.say(describeRestore(planned));
  const looked = planned.backupId === null ? {} : { backupId: planned.backupId };
  const { isLoss, deleted, inserted } = lossOf(planned);
  const from = `Bring ${scopeOf(options)} of ${slug} back to ${describeSource(planned)}?`;
  if (!isLoss) await confirm(context, from);
  else {
    const loss = `${from} That deletes ${deleted} rows and brings ${inserted} back.`;
    await confirmByName(context, slug, loss, confirmOption(slug, undefined));
  }
  return { ...looked, agreedDeletions: deleted };
};

const toSchema = async (context: Context, slug: string, request: RestoreRequest) => {
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToSchema(runtime, slug, request));
  const { schema, ...rest } = copy;
  context.result({ slug, dryRun, ...(dryRun ? rest : copy) }, () => {
    const end = dryRun
      ? 'dry run: nothing was copied'
      : `only the cell’s administrator reads it; drop it with: ringfence backups drop-scratch ${slug} ${schema}`;
    return `${copied(copy.tables, dryRun)}${describeSchemaChanges(copy.changes)}${describeSource(copy)}; ${end}\n`;
  });
};

const toFiles = async (context: Context, slug: string, request: RestoreRequest, folder: string) => {
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToFiles(runtime, slug, request, folder));
  context.result({ slug, dryRun, folder, ...copy }, () => {
    const end = dryRun
      ? 'dry run: nothing was written'
      : 'only you may read the files; sealed columns are sealed';
    return `${copied(copy.tables, dryRun)}${describeSchemaChanges(copy.changes)}${describeSource(copy)}; ${end}\n`;
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
