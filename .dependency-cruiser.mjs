/** From the lowest to the highest: a layer imports what comes before it (docs/architecture.md). */
const LAYERS = [
  'core',
  'manifest',
  'policies',
  'data-plane',
  'isolation',
  'targets',
  'stacks',
  'control-plane',
  'cli',
];

/** Subjects of the control plane, in the same sense; so there is no circle between two of them. */
const SUBJECTS = [
  'view.ts',
  'project/',
  'engine/',
  'runtime.ts',
  'operation/',
  'submissions/',
  'jobs/',
  'tenants/',
  'deployments/',
  'cells/',
  'placements/',
  'keys/',
  'backups/',
  'targets/',
  'holds/',
  'control-backup/',
  'open-runtime.ts',
  'erasure/',
  'policies/',
  'control-up/',
  'state-move/',
  'edge/',
  'residency/',
  'audit/',
  'quotas/',
  'costs/',
  'subscriptions/',
  'support/',
  'transfer/',
  'analytics/',
  'demo/',
  'provisioning/',
  'previews/',
  'policy-check/',
  'removal/',
  'moves/',
  'rollback/',
  'drift/',
  'unfinished/',
  'cell-restore/',
  'failover/',
  'cell-status/',
  'tenant-status/',
  'recovery/',
  'isolation/',
  'doctor/',
  'worker/',
];

/** Files of the CLI that no --help loads. */
const LOADED_WHEN_NEEDED = [
  'cli/plugin.ts',
  'cli/run-command.ts',
  'cli/policy-pack.ts',
  'cli/terminal/context.ts',
  'cli/wizard/',
  'cli/manifests/(?:adopt-file|propose-slug|tenant-from-flags).ts',
];

/** Names, numbers and texts that commands declare and print; they import nothing at run time. */
const WORDS = [
  'control-plane/isolation/cadences/cadence.ts',
  'data-plane/database/describe-difference.ts',
  'data-plane/erasure/promise.ts',
  'isolation/suite/case.ts',
];

const upwards = (kind, places, prefix) =>
  places.slice(0, -1).map((place, index) => ({
    name: `${kind}-${place.replace(/\W/g, '')}-looks-up`,
    severity: 'error',
    from: { path: `^${prefix}${place}` },
    to: { path: `^${prefix}(?:${places.slice(index + 1).join('|')})` },
  }));

export default {
  forbidden: [
    ...upwards(
      'layer',
      LAYERS.map((layer) => `${layer}/`),
      '',
    ),
    ...upwards('subject', SUBJECTS, 'control-plane/'),
    {
      name: 'start-of-the-cli-is-light',
      comment: 'every --help loads the files of the commands: what they need to run comes by `await import`',
      severity: 'error',
      from: { path: '^cli/', pathNot: `^(?:${LOADED_WHEN_NEEDED.join('|')})` },
      to: {
        path: '^(?:manifest|policies|data-plane|isolation|targets|stacks|control-plane)/',
        pathNot: `^(?:${WORDS.join('|')})`,
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'cli-asks-use-cases',
      comment:
        'beside types and words, the CLI imports use cases of the control plane, the manifest and the core; its process entries translate and serve what lies below',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/(?:run-command|plugin|policy-pack).ts$' },
      to: {
        path: '^(?:data-plane|isolation|targets|stacks)/|^control-plane/(?:.*/store|tenants/erasures)[.]ts$',
        pathNot: `^(?:${WORDS.join('|')})`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'policies-are-beside',
      comment: 'rules are pure: what is below the control plane neither asks them nor is asked by them',
      severity: 'error',
      from: { path: '^(?:data-plane|isolation|targets|stacks)/' },
      to: { path: '^policies/' },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'subject-without-a-place',
      comment: 'a new subject gets its place in SUBJECTS',
      severity: 'error',
      from: { path: '^control-plane/', pathNot: `^control-plane/(?:${SUBJECTS.join('|')})` },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
