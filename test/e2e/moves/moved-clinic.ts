import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../../support/cli.js';
import { SHOP } from './history.js';
import { HERE, say, THERE, type WatchedTenant, watchTenant } from './watched-tenant.js';

export { HERE, say, THERE };

export const SLUG = 'mudanza';
const NEIGHBOUR = 'vecina';

/** A moment in whole seconds, behind all that was done and before all that is. */
export const momentNow = async (): Promise<string> => {
  await pause(1_100);
  const moment = `${new Date().toISOString().slice(0, 19)}Z`;
  await pause(1_100);
  return moment;
};

/** A tenant that can move between two cells, with a neighbour in each, and the applications that use it meanwhile. */
export interface MovedClinic extends WatchedTenant {
  readonly project: CliProject;
  /** `operations <what>` of the newest operation that is not over. */
  broken(what: 'resume' | 'abort'): Promise<string[]>;
  /** Kills a command at a point. @returns what went wrong. */
  killAt(point: string, args: readonly string[]): Promise<string[]>;
  /** Goes on with what was killed; types its command again where nothing had begun. @returns what went wrong. */
  finish(args: readonly string[]): Promise<string[]>;
  /** Streams, slots and logins of moves that are left anywhere. */
  streams(): Promise<string[]>;
}

/** Quotas that no writers reach. */
export const UNBOUNDED = { requestsPerMinute: 10_000_000, computeSecondsPerDay: 8_640_000 };

/** Two cells with the tables of the writers. The tenants' manifests are there. */
export const deployBothCells = async (project: CliProject): Promise<void> => {
  await project.deploy();
  await project.json(['cells', 'up', THERE, '--region', 'eu-west-1']);
  for (const cell of [HERE, THERE]) await project.cell(cell, SHOP);
};

export const useMovedClinic = ({ patients = 20 }: { readonly patients?: number } = {}): MovedClinic => {
  const project = openCliProject();
  let watched: WatchedTenant | undefined;
  /** It is there when the first test begins. */
  const tenant = (): WatchedTenant => {
    if (!watched) throw new Error('the tenant is not deployed yet');
    return watched;
  };

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project.manifest(SLUG, { quotas: UNBOUNDED });
    project.manifest(NEIGHBOUR);
    await deployBothCells(project);
    if (patients > 0) await project.json(['demo', 'load', SLUG, '--patients', String(patients)]);
    watched = await watchTenant(project, SLUG);
  });
  afterEach(() => tenant().endWriters());
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  const clinic: MovedClinic = {
    slug: SLUG,
    project,
    get ids() {
      return tenant().ids;
    },
    home: () => tenant().home(),
    move: () => tenant().move(),
    newestOperation: () => tenant().newestOperation(),
    inCell: (cell) => tenant().inCell(cell),
    startWriters: (count) => tenant().startWriters(count),
    endWriters: () => tenant().endWriters(),
    unsettled: async (cell) => [...(await tenant().unsettled(cell)), ...(await clinic.streams())],
    streams: () => streamsLeft(project),
    broken: async (what) => [
      ...['operations', what],
      ...[(await clinic.newestOperation())?.id ?? '', '--yes'],
    ],
    killAt: async (point, args) => {
      const killed = await project.run(args, { env: { RINGFENCE_CRASH_AT: point } });
      return killed.signal === 'SIGKILL' ? [] : [`the run did not pass ${point}: ${killed.stderr}`];
    },
    finish: async (args) => {
      const newest = await clinic.newestOperation();
      if (newest?.state === 'running' && args[0] !== 'placements') {
        const { status, stderr } = await project.run(['operations', 'resume', newest.id, '--yes']);
        if (status === 0) return [];
        if (!stderr.includes('type `ringfence tenants move'))
          return [`resume exited with ${status}: ${stderr}`];
      }
      const { status, stderr } = await project.run(args);
      return status === 0 ? [] : [`${args.join(' ')} exited with ${status}: ${stderr}`];
    },
  };
  return clinic;
};

/** Streams, slots and logins of moves that are left in the two cells. */
export const streamsLeft = async (project: CliProject): Promise<string[]> => {
  const found: string[] = [];
  for (const cell of [HERE, THERE]) {
    const rows = await project.cell<{ what: string }>(
      cell,
      `SELECT 'slot ' || slot_name AS what FROM pg_replication_slots
       UNION ALL SELECT 'publication ' || pubname FROM pg_publication
       UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
       UNION ALL SELECT 'login ' || rolname FROM pg_roles WHERE rolname LIKE 'rf\\_move%'
       UNION ALL SELECT 'changed keys' FROM ringfence_private.changed_keys
       UNION ALL SELECT 'work of a move' FROM ringfence_private.moves WHERE under_way OR tracks OR locks_schema`,
    );
    found.push(...rows.map(({ what }) => `${cell}: ${what}`));
  }
  return found;
};
