import { resolve } from 'node:path';
import type { Recovered } from '../../control-plane/recovery/recover.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../command/define-command.js';
import { describeReconciled, missingFrom } from '../print/reconciled.js';
import { age, table } from '../print/table.js';
import { runtimeOptions } from '../runtime/with-runtime.js';

export const recoverProject = defineCommand({
  name: 'recover',
  description: 'bring a whole project back on a new machine, from its objects and its keyring',
  options: {
    from: {
      value: '<objects>',
      description: 'a copy of .ringfence/objects, or s3://<bucket>/<prefix>',
      required: true,
    },
    keyring: { value: '<folder>', description: 'a copy of .ringfence/keyring', required: true },
  },
  examples: ['ringfence recover --from /media/backup/objects --keyring /media/backup/keyring'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../control-plane/recovery/views.js')).recoveredView,
  run: async (context, options) => {
    const { recover } = await import('../../control-plane/recovery/recover.js');
    const { isObjectPlace } = await import('../../control-plane/project/object-stores.js');
    const { terminal, say } = context;
    const now = new Date();
    const path = (text: string): string => resolve(terminal.cwd, text);
    const isPlace = isObjectPlace(context.project, options.from);
    const recovered = await recover(runtimeOptions(context), {
      from: isPlace ? options.from : path(options.from),
      keyring: path(options.keyring),
      now,
      onStep: (what) => say(`› ${what}`),
    });
    const failed = recovered.cells
      .flatMap(({ tenants }) => tenants)
      .find(({ broughtBack }) => broughtBack?.failure);
    if (failed?.broughtBack?.failure) context.exitWith(failed.broughtBack.failure.exitStatus);
    const { lost, left, source } = recovered.control;
    const isWorse = lost.length + left.length + source.missing.length > 0;
    const isOlder = recovered.cells.some(({ tenants }) =>
      tenants.some(({ broughtBack }) => (broughtBack?.backup?.skipped.length ?? 0) > 0),
    );
    if (!failed && (isWorse || isOlder)) context.exitWith(EXIT_STATUS.backup_refused);
    context.result(recovered, () => describe(recovered, now, isPlace ? options.from : undefined));
  },
});

const describe = (recovered: Recovered, now: Date, objects: string | undefined): string => {
  const { control, cells, elsewhere, manifests, differing } = recovered;
  const asOf = (at: Date | null | undefined): string =>
    at ? `${at.toISOString()} (${age(at, now)} old)` : '-';
  const rows = cells.flatMap(({ cell, tenants }) =>
    tenants.map(({ slug, rows: count, broughtBack }) => [
      slug,
      cell,
      count === null ? 'not in it' : String(count),
      asOf(broughtBack?.backup?.takenAt),
      broughtBack?.failure
        ? `FAILED: ${broughtBack.failure.message}`
        : broughtBack?.backup?.different.length === 0
          ? `as in ${(broughtBack.backup.skipped.length > 0 && `an OLDER backup: ${broughtBack.backup.skipped.join(', ')} lost or damaged`) || 'its backup'}`
          : `not as in its backup: ${broughtBack?.backup?.different.join(', ') ?? 'no backup'}`,
      broughtBack?.backup?.missing.join(', ') || '-',
    ]),
  );
  return [
    control.source.kind === 'backup'
      ? `control database: as of ${asOf(control.source.lastCommitAt)}`
      : 'control database: made again from the archives of the tenants, no backup of it is left',
    ...missingFrom(control.source),
    describeReconciled(control).trimEnd(),
    table(['tenant', 'cell', 'rows', 'as of', 'rows are', 'tables that the cell lacks'], rows).trimEnd(),
    ...elsewhere.map((cell) => `cell ${cell} is not on this machine and was not touched`),
    ...manifests.map((file) => `written: ${file}`),
    ...differing.map(
      (file) =>
        `NOT AS DEPLOYED: ${file} was here already and stays; \`ringfence tenants preview\` shows what it would change`,
    ),
    ...(objects === undefined ? [] : [`set RINGFENCE_OBJECTS=${objects} from now on`]),
    '',
  ].join('\n');
};
