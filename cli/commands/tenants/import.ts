import { resolve } from 'node:path';
import type { TenantImport } from '../../../control-plane/transfer/import-steps.js';
import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parsePair } from '../../command/option-values.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

/** Problems of one file that are printed; --json has the others too. */
const PRINTED = 20;

export const tenantsImport = defineCommand({
  name: 'import',
  description:
    'bring an export (zip, sealed or not, or folder), or CSV files with a mapping, into a tenant: all of it or nothing',
  arguments: ['<tenant>', '<source>'],
  options: {
    identityFile: {
      value: '<file>',
      description: 'of a sealed export: the secret key, as age-keygen writes it',
    },
    mapping: { value: '<file.yaml>', description: 'which CSV file and column goes where' },
    clinic: {
      value: '<from=to>',
      description:
        'a clinic of the export and the one of the tenant, where their slugs differ; again for more',
      parse: parsePair,
      many: true,
    },
    dryRun: { description: 'check everything, change nothing' },
  },
  examples: [
    'ringfence tenants import clinica-sonrisa data.zip --dry-run',
    'ringfence tenants import clinica-sonrisa csv/ --mapping mapping.yaml --dry-run',
  ],
  notOnWorker: NOT_ON_WORKER.hasFiles,
  view: async () => (await import('../../../control-plane/transfer/views.js')).importView,
  run: async (context, { mapping, identityFile, clinic, dryRun = false }, slug, source) => {
    const { importIntoTenant } = await import('../../../control-plane/transfer/import-tenant.js');
    const { cwd } = context.terminal;
    if (mapping !== undefined && clinic.length > 0)
      throw new RingfenceError('usage', '--clinic is for exports; a mapping names the clinics itself');
    const report = await withRuntime(context, async (runtime) => {
      if (!dryRun) await confirm(context, `Import ${source} into ${slug}?`);
      return importIntoTenant(runtime, slug, {
        path: resolve(cwd, source),
        ...(mapping === undefined ? {} : { mappingPath: resolve(cwd, mapping) }),
        ...(identityFile === undefined ? {} : { identityPath: resolve(cwd, identityFile) }),
        clinicNames: new Map(clinic),
        dryRun,
        onProgress: (path) => context.say(`reading ${path}`),
      });
    });
    context.result({ slug, dryRun, ...report }, () =>
      report.problemCount > 0 ? problemText(report) : summary(report, dryRun),
    );
    if (report.problemCount > 0) context.exitWith(EXIT_STATUS.import_invalid);
  },
});

/** Names the encoding of files that are not UTF-8, so that somebody can object. */
const encodings = ({ files }: TenantImport): string[] =>
  files.flatMap(({ file, encoding }) =>
    encoding === undefined || encoding === 'utf-8'
      ? []
      : [`${file} was read as ${encoding}; \`encoding\` in the mapping takes another`],
  );

const summary = (report: TenantImport, dryRun: boolean): string => {
  const { added, same, leftOut } = report;
  const rows = Object.entries(added).flatMap(([clinic, tables]) =>
    Object.entries(tables).map(([name, count]) => [clinic, name, String(count)]),
  );
  const total = rows.reduce((sum, [, , count]) => sum + Number(count), 0);
  const left = Object.entries(leftOut).map(([name, count]) => `${count} of ${name}`);
  return [
    ...encodings(report),
    ...(rows.length > 0 ? [table(['clinic', 'table', 'added'], rows).trimEnd()] : []),
    `${total} rows ${dryRun ? 'would be added; dry run: nothing was changed' : 'added'}, ${same} were there already`,
    ...(left.length > 0 ? [`left out, because only the platform writes them: ${left.join(', ')}`] : []),
    '',
  ].join('\n');
};

const problemText = (report: TenantImport): string => {
  const { problems, problemCount } = report;
  const files = [...new Set(problems.map(({ file }) => file))];
  const lines = files.flatMap((file) => {
    const ofFile = problems.filter((problem) => problem.file === file);
    const told = ofFile.slice(0, PRINTED).map(({ line, column, message }) => {
      const place = line === null ? file : `${file}:${line}`;
      return `${place} ${column === null ? 'the row' : column} ${message}`;
    });
    const more = ofFile.length - told.length;
    return more > 0 ? [...told, `${file}: ${more} more problems; --json has them`] : told;
  });
  return `${[...encodings(report), ...lines].join('\n')}\nproblems: ${problemCount}, files with any: ${files.length}; nothing was imported\n`;
};
