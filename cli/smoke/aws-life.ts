import { REGIONS, type RegionName } from '../../core/regions.js';

/** What is tried, where. The names of cells are names of things in the account. */
export interface AwsLife {
  /** The shared cell; the tenant is `<cell>-clinic`, and so is the cell of its own. */
  readonly cell: string;
  readonly region: RegionName;
  /** Where the tenant is promoted to and back; absent: not tried. */
  readonly promoteTo?: RegionName | undefined;
  readonly network?: string | undefined;
  readonly caFile?: string | undefined;
}

/** One command of the life of a tenant. Each is finished by the same command where it was broken off. */
export interface SmokeStep {
  readonly name: string;
  /** What follows `ringfence`. @param before when the step before ended, in whole seconds of ISO 8601 */
  readonly args: (before: string) => readonly string[];
  /** Whether exit status 1 is an answer: nobody could tell. */
  readonly mayBeUnknown?: true;
}

const tenantOf = ({ cell }: Pick<AwsLife, 'cell'>): string => `${cell}-clinic`;

/** The cells that a life makes. */
export const cellsOf = (life: AwsLife): { name: string; region: RegionName }[] => [
  { name: life.cell, region: life.region },
  ...(life.promoteTo ? [{ name: tenantOf(life), region: life.promoteTo }] : []),
];

/** The life of a tenant, from its cell to its erasure. */
export const stepsOf = (life: AwsLife): SmokeStep[] => {
  const tenant = tenantOf(life);
  return [
    step('cell', ...cellUp(life)),
    step('onboard', ...onboard(life)),
    step('patients', 'demo', 'load', tenant, '--patients', '20'),
    step('backup', 'backups', 'run', tenant),
    step('verify', 'backups', 'verify', tenant),
    step('restore', 'backups', 'restore', tenant, '--table', LINES, '--yes'),
    {
      name: 'moment',
      args: (before) => ['backups', 'restore', tenant, '--to', before, '--table', LINES, '--yes'],
    },
    { ...step('residency', 'tenants', 'residency', tenant), mayBeUnknown: true },
    { ...step('policies', 'policies', 'check', tenant, '--live'), mayBeUnknown: true },
    ...(life.promoteTo ? moves(life, life.promoteTo) : []),
    step('rotate', 'keys', 'rotate', tenant, '--settle', '1'),
    step('erase', ...ERASE, '--confirm', tenant, tenant),
  ];
};

const step = (name: string, ...args: string[]): SmokeStep => ({ name, args: () => args });

const LINES = 'clinical.invoice_lines';
const ERASE = ['tenants', 'erase', '--reason', 'end of a smoke test', '--wait-days', '0'];

const moves = (life: AwsLife, promoteTo: RegionName): SmokeStep[] => {
  const tenant = tenantOf(life);
  const promote = ['tenants', 'promote', tenant];
  return [
    step('promote', ...promote, '--region', promoteTo, '--yes'),
    step('rollback', ...promote, '--rollback', '--yes'),
    step('withdraw', 'placements', 'withdraw', tenant, tenant, '--confirm', tenant),
  ];
};

const cellUp = ({ cell, region, network, caFile }: AwsLife): string[] => [
  ...['cells', 'up', cell, '--aws', '--region', region, '--yes'],
  ...(network ? ['--network', network] : []),
  ...(caFile ? ['--ca-file', caFile] : []),
];

const onboard = (life: AwsLife): string[] => [
  ...['tenants', 'add', tenantOf(life), '--legal-name', 'Smoke test of Ringfence', '--type', 'solo'],
  ...['--plan', 'enterprise', '--residency', REGIONS[life.region].eu ? 'eu' : 'any', '--cell', life.cell],
  ...['--clinic', 'Centro', '--vertical', 'dental', '--domain', `${tenantOf(life)}.example`],
  ...['--admin-name', 'Ana', '--admin-email', 'ana@smoke.example', '--yes'],
];
