import { resolve } from 'node:path';
import type { restoreTenant } from '../../../control-plane/backups/restore-in-place.js';
import type { RestoreRequest } from '../../../control-plane/backups/restore-source.js';
import type { restoreView } from '../../../control-plane/backups/restore-views.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { parseColumn, parseTime } from '../../command/option-values.js';
import { defineOptions, type OptionValues } from '../../command/options.js';
import { describeCopy, describeRestore, describeSource } from '../../print/restore.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, confirmOption } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';

const options = defineOptions({
  backup: {
    value: '<id>',
    description: 'this one; the newest verified one that has rows of the scope when left out',
  },
  at: {
    value: '<time>',
    description: 'the last verified one of this time or before (ISO 8601)',
    parse: parseTime,
  },
  to: {
    value: '<time>',
    description:
      'any second of the window of `cells status`: as the rows were then, out of the cell’s base backup and WAL',
    parse: parseTime,
  },
  clinic: { value: '<slug>', description: 'only rows of this clinic; again for more', many: true },
  table: { value: '<schema.table>', description: 'only this table; again for more', many: true },
  where: {
    value: '<column=value>',
    description:
      'only rows with this value, and the rows that refer to them; again for rows with all of them',
    many: true,
  },
  into: {
    value: '<place>',
    description: 'in place, into a schema that only administrators read, or into CSV files',
    choices: ['in-place', 'scratch', 'file'],
    default: 'in-place',
  },
  out: { value: '<folder>', description: 'for the files' },
  mode: {
    value: '<mode>',
    description:
      'replace: rows become as in the backup (default); missing-only: rows that are there stay; newest: the later one of two stays',
    choices: ['replace', 'missing-only', 'newest'],
  },
  newestBy: {
    value: '<column>',
    description: 'for --mode newest: the column that says when a row was changed (default: updated_at)',
    parse: parseColumn,
  },
  confirm: {
    value: '<tenant>',
    description: 'also when more rows go than come back, which --yes does not allow',
  },
  dryRun: { description: 'show the difference, change nothing' },
});

type Options = OptionValues<typeof options>;
type Restoring = Context<typeof restoreView>;
type InPlaceRequest = Parameters<typeof restoreTenant>[2];

export const backupsRestore = defineCommand({
  name: 'restore',
  description: 'bring rows back; all other rows and tenants stay byte-identical',
  arguments: ['<tenant>'],
  options,
  examples: [
    'ringfence backups restore clinica-sonrisa --table clinical.appointments --dry-run',
    'ringfence backups restore clinica-sonrisa --to 2026-10-31T09:30:00Z --yes',
  ],
  onWorker: { kind: 'backups restore' },
  view: async () => (await import('../../../control-plane/backups/restore-views.js')).restoreView,
  run: async (context, options, slug) => {
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
  },
});

const requireFitting = ({ backup, at, to, into, out, mode, newestBy }: Options): void => {
  const wrong = (what: string): RingfenceError => new RingfenceError('usage', what);
  if ([backup, at, to].filter((given) => given !== undefined).length > 1)
    throw wrong('give one of --backup, --at and --to');
  if ((into === 'file') !== (out !== undefined)) throw wrong('--into file and --out <folder> go together');
  if (newestBy !== undefined && mode !== 'newest') throw wrong('--newest-by is for --mode newest');
  if (into !== 'in-place' && mode !== undefined) throw wrong('--mode is for a restore in place');
};

const inPlace = async (context: Restoring, options: Options, slug: string, request: RestoreRequest) => {
  const { lossOf } = await import('../../../control-plane/backups/restore-loss.js');
  const { restoreTenant } = await import('../../../control-plane/backups/restore-in-place.js');
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
  wanted: InPlaceRequest,
): Promise<Partial<InPlaceRequest>> => {
  const { lossOf } = await import('../../../control-plane/backups/restore-loss.js');
  const { restoreTenant } = await import('../../../control-plane/backups/restore-in-place.js');
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

const toSchema = async (context: Restoring, slug: string, request: RestoreRequest) => {
  const { restoreTenantToSchema } = await import('../../../control-plane/backups/tenant-backups.js');
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToSchema(runtime, slug, request));
  const { schema, ...rest } = copy;
  context.result({ slug, dryRun, ...(dryRun ? rest : copy) }, () => {
    const end = dryRun
      ? 'dry run: nothing was copied'
      : `only the cell’s administrator reads it; drop it with: ringfence backups drop-scratch ${slug} ${schema}`;
    return `${describeCopy(copy, dryRun)}; ${end}\n`;
  });
};

const toFiles = async (context: Restoring, slug: string, request: RestoreRequest, folder: string) => {
  const { restoreTenantToFiles } = await import('../../../control-plane/backups/tenant-backups.js');
  const { dryRun } = request;
  const copy = await withRuntime(context, (runtime) => restoreTenantToFiles(runtime, slug, request, folder));
  context.result({ slug, dryRun, folder, ...copy }, () => {
    const end = dryRun
      ? 'dry run: nothing was written'
      : 'only you may read the files; sealed columns are sealed';
    return `${describeCopy(copy, dryRun)}; ${end}\n`;
  });
};

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
