/** From the lowest to the highest: a layer imports what comes before it (docs/architecture.md). */
const LAYERS = ['core', 'manifest', 'data-plane', 'isolation', 'stacks', 'control-plane', 'cli'];

/** Subjects of the control plane, in the same sense; so there is no circle between two of them. */
const SUBJECTS = [
  'project/',
  'engine/',
  'runtime.ts',
  'operation/',
  'jobs/',
  'tenants/',
  'cells/',
  'placements/',
  'keys/',
  'backups/',
  'targets/',
  'holds/',
  'control-backup/',
  'open-runtime.ts',
  'erasure/',
  'audit/',
  'quotas/',
  'subscriptions/',
  'support/',
  'transfer/',
  'analytics/',
  'deployments/',
  'removal/',
  'unfinished/',
  'cell-restore/',
  'cell-status/',
  'recovery/',
  'isolation/',
  'doctor/',
  'worker/',
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
