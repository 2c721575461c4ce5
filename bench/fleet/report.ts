import type { CliRun } from './cli-run.js';
import type { CrossProbe } from './cross-probe.js';
import type { IdleCost } from './idle-cost.js';

/** Everything that a fleet run measured. */
export interface FleetReport {
  readonly tenants: number;
  readonly concurrency: number;
  readonly deployed: number;
  readonly failed: number;
  /** Deployed before the kill, and by the run after it. */
  readonly deployedByRun: readonly [number, number];
  readonly applyMs: number;
  readonly peakRssBytes: number;
  /** The CLI's own process early and late in the longer run. */
  readonly ownRssBytes: readonly [number, number];
  readonly warnings: readonly string[];
  readonly temporaryFiles: number;
  readonly idle: IdleCost;
  readonly state: { bytes: number; files: number };
  readonly workspace: { bytes: number; files: number };
  readonly lint: { clean: boolean; tookMs: number };
  readonly probe: CrossProbe;
  readonly listMs: number;
  readonly previewAll: { unaffected: number; tookMs: number };
  readonly previewEdited: { affected: number; of: number; tookMs: number; oneMs: number };
  /** A cell that is full sends it to another one. */
  readonly add: { cell: string; tookMs: number };
}

const MIB = 1_024 ** 2;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

/** The report as lines of a table. */
export const describeReport = (report: FleetReport): string => {
  const { idle, probe, lint, add, previewAll, previewEdited: edited, state, workspace, ownRssBytes } = report;
  const [before, after] = report.deployedByRun;
  const rows: readonly (readonly [string, string])[] = [
    ['apply --all, killed once', `${seconds(report.applyMs)} for ${before} + ${after} tenants`],
    ['tenants a second', (report.deployed / (report.applyMs / 1_000)).toFixed(2)],
    ['failed, as meant', String(report.failed)],
    ['memory, CLI and engines, most', mib(report.peakRssBytes)],
    ['memory, CLI alone, early and late', ownRssBytes.map(mib).join(' and ')],
    ['warnings on standard error', report.warnings.join('; ') || 'none'],
    ['left in the temporary folder', `${report.temporaryFiles} files`],
    ['cell at rest, processor', `${idle.cpuSeconds.toFixed(2)} s in ${idle.overSeconds} s`],
    [
      'cell at rest, memory',
      `${mib(idle.pssBytes)} (${mib(idle.rssBytes)} RSS, ${idle.processes} processes)`,
    ],
    ['cell on disk', mib(idle.dataBytes)],
    ['engine state on disk', `${mib(state.bytes)} in ${state.files} files`],
    ['stack settings on disk', `${mib(workspace.bytes)} in ${workspace.files} files`],
    ['schema lint', `${lint.clean ? 'clean' : 'NOT CLEAN'}, ${seconds(lint.tookMs)}`],
    [
      'cross-tenant probe',
      `${probe.leaks} leaks, ${probe.unproven} unproven in ${probe.checks} attempts on ${probe.tenants} tenants, ${seconds(probe.tookMs)}`,
    ],
    ['tenants list --json', seconds(report.listMs)],
    ['tenants preview --all', `${previewAll.unaffected} unaffected, ${seconds(previewAll.tookMs)}`],
    [
      'the same, some manifests edited',
      `${edited.affected} affected of ${edited.of} edited, ${seconds(edited.tookMs)}; one alone ${seconds(edited.oneMs)}`,
    ],
    ['one more tenants add', `${seconds(add.tookMs)}, into ${add.cell}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const head = `${report.tenants} tenants, ${report.concurrency} at once`;
  return [head, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n');
};

/** The medians of the first and of the last tenth of the samples: a leak shows as growth. */
export const earlyAndLate = ({ ownRssBytes }: CliRun): readonly [number, number] => {
  const tenth = Math.max(1, Math.floor(ownRssBytes.length / 10));
  const middle = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  // The very first samples are of a process that is still starting.
  return [middle(ownRssBytes.slice(tenth, 2 * tenth)), middle(ownRssBytes.slice(-tenth))];
};
