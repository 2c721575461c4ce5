import type { Drift } from '../../control-plane/drift/drift.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../command/define-command.js';
import { parseCount } from '../command/option-values.js';
import { withRuntime } from '../runtime/with-runtime.js';

export const drift = defineCommand({
  name: 'drift',
  description:
    'what is not as it was deployed: exit status 0 when all is, 7 when something drifted, 1 where that cannot be told',
  arguments: ['[tenant...]'],
  options: {
    all: { description: 'every cell and every tenant; so it is without any name, too' },
    cell: { value: '<name>', description: 'of this cell; again for each', many: true, whenNone: 'none' },
    concurrency: { value: '<count>', description: 'how many at once', parse: parseCount, default: 2 },
  },
  examples: ['ringfence drift', 'ringfence drift clinica-sonrisa --cell shared-eu-central-1'],
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../control-plane/drift/views.js')).driftView,
  run: async (context, { all, cell, concurrency }, tenants) => {
    const { findDrift } = await import('../../control-plane/drift/find-drift.js');
    const { worstOf } = await import('../../control-plane/drift/drift.js');
    const names = all ? { tenants: [], cells: [] } : { tenants, cells: cell };
    const subjects = await withRuntime(context, (runtime) => findDrift(runtime, { ...names, concurrency }));
    const verdict = worstOf(subjects);
    context.result({ verdict, subjects }, () => `${subjects.map(described).join('')}${hintOf(subjects)}`);
    if (verdict === 'drifted') context.exitWith(EXIT_STATUS.no_changes);
    else if (verdict === 'cannot-tell') context.exitWith(1);
  },
});

/** What nobody declared is for a person to take away. */
const hintOf = (subjects: readonly Drift[]): string =>
  subjects.some(({ differences }) => differences.some(({ kind }) => kind !== 'undeclared'))
    ? 'to put it back: ringfence cells up <cell>, ringfence tenants apply <tenant> --refresh (or --all)\n'
    : '';

const SIGN = { changed: '~', missing: '-', undeclared: '?' } as const;

const described = ({ subject, name, verdict, differences, cannotTell }: Drift): string => {
  const lines = [
    `${subject} ${name}: ${verdict === 'cannot-tell' ? 'cannot tell' : verdict}`,
    ...differences.map(
      ({ kind, what, parts }) =>
        `  ${SIGN[kind]} ${what}, ${kind}${parts.length > 0 ? `: ${parts.join('; ')}` : ''}`,
    ),
    ...cannotTell.map((why) => `  cannot tell: ${why}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
};
