import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from '../../support/cli.js';
import { checkHistory, countHistory, type HistoryEvent, type Kept, SHOP } from './history.js';

export const SLUG = 'mudanza';
const NEIGHBOUR = 'vecina';
export const HERE = 'shared-eu-central-1';
export const THERE = 'shared-eu-west-1';

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** Longer than any command here: a request waits for the run that goes on. */
const MOVE_WAIT_MS = 120_000;
/** On a machine that is busy with servers. */
const WROTE_AGAIN_MS = 30_000;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A moment in whole seconds, behind all that was done and before all that is. */
export const momentNow = async (): Promise<string> => {
  await pause(1_100);
  const moment = `${new Date().toISOString().slice(0, 19)}Z`;
  await pause(1_100);
  return moment;
};

/** A move as the control database has it. */
interface MoveRow {
  readonly id: string;
  readonly state: string;
  readonly source: string;
  readonly destination: string;
  readonly is_rollback: boolean;
}

/** A tenant that can move between two cells, with a neighbour in each, and the applications that use it meanwhile. */
export interface MovedClinic {
  readonly project: CliProject;
  readonly ids: { readonly tenantId: string; readonly clinicId: string; readonly userId: string };
  /** The cell that the control database leads to. */
  home(): Promise<string>;
  move(): Promise<MoveRow | undefined>;
  /** `operations <what>` of the newest operation that is not over. */
  broken(what: 'resume' | 'abort'): Promise<string[]>;
  /** Applications that write and read from now on. */
  startWriters(count: number): Promise<Writers>;
  /** Kills a command at a point. @returns what went wrong. */
  killAt(point: string, args: readonly string[]): Promise<string[]>;
  /** Goes on with what was killed; types its command again where nothing had begun. @returns what went wrong. */
  finish(args: readonly string[]): Promise<string[]>;
  /** What is not as it is for a tenant that lives in a cell, and of which no move is open. */
  unsettled(cell: string): Promise<string[]>;
  /** Streams, slots and logins of moves that are left anywhere. */
  streams(): Promise<string[]>;
  /** Rows of the tenant and its fence in a cell; undefined where it is not enrolled. */
  inCell(cell: string): Promise<{ readonly fence: string; readonly marks: number } | undefined>;
}

interface Writers {
  /** Waits until every one has written again. */
  wroteAgain(): Promise<void>;
  /** Ends them. @returns what is wrong with their history. */
  end(allowed?: readonly string[]): Promise<string[]>;
}

export const useMovedClinic = ({ patients = 20 }: { readonly patients?: number } = {}): MovedClinic => {
  const project = openCliProject();
  const ids = { tenantId: '', clinicId: '', userId: '' };
  const running: ChildProcess[] = [];
  let started = 0;

  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project.manifest(SLUG, { quotas: { requestsPerMinute: 10_000_000, computeSecondsPerDay: 8_640_000 } });
    project.manifest(NEIGHBOUR);
    await project.deploy();
    await project.json(['cells', 'up', THERE, '--region', 'eu-west-1']);
    for (const cell of [HERE, THERE]) await project.cell(cell, SHOP);
    if (patients > 0) await project.json(['demo', 'load', SLUG, '--patients', String(patients)]);
    const [clinic] = await project.cell<{ tenant_id: string; id: string }>(
      HERE,
      'SELECT c.tenant_id, c.id FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = $1',
      [SLUG],
    );
    Object.assign(ids, { tenantId: clinic?.tenant_id, clinicId: clinic?.id });
    const [staff] = await project.cell<{ user_id: string }>(
      HERE,
      `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, gen_random_uuid(), 'Writer', 'owner') RETURNING user_id`,
      [ids.clinicId],
    );
    Object.assign(ids, { userId: staff?.user_id });
    await project.cell(HERE, `INSERT INTO shop.counters (clinic_id, name, value) VALUES ($1, 'marks', 0)`, [
      ids.clinicId,
    ]);
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  const clinic: MovedClinic = {
    project,
    ids,
    home: async () =>
      (await project.control<{ cell: string }>('SELECT cell FROM control.tenants WHERE slug = $1', [SLUG]))[0]
        ?.cell ?? '',
    move: async () =>
      (
        await project.control<MoveRow>(
          `SELECT id, state, source, destination, is_rollback FROM control.moves ORDER BY started_at DESC LIMIT 1`,
        )
      )[0],
    broken: async (what) => {
      const [newest] = await project.control<{ id: string }>(
        'SELECT id FROM control.operations WHERE slug = $1 ORDER BY started_at DESC LIMIT 1',
        [SLUG],
      );
      return ['operations', what, newest?.id ?? '', '--yes'];
    },
    killAt: async (point, args) => {
      const killed = await project.run(args, { env: { RINGFENCE_CRASH_AT: point } });
      return killed.signal === 'SIGKILL' ? [] : [`the run did not pass ${point}: ${killed.stderr}`];
    },
    finish: async (args) => {
      const [newest] = await project.control<{ id: string; state: string }>(
        'SELECT id, state FROM control.operations WHERE slug = $1 ORDER BY started_at DESC LIMIT 1',
        [SLUG],
      );
      if (newest?.state === 'running' && args[0] !== 'placements') {
        const { status, stderr } = await project.run(['operations', 'resume', newest.id, '--yes']);
        if (status === 0) return [];
        if (!stderr.includes('type `ringfence tenants move'))
          return [`resume exited with ${status}: ${stderr}`];
      }
      const { status, stderr } = await project.run(args);
      return status === 0 ? [] : [`${args.join(' ')} exited with ${status}: ${stderr}`];
    },
    unsettled: async (cell) => {
      const [home, open, inHome, elsewhere] = [
        await clinic.home(),
        await project.control<{ state: string }>(
          `SELECT state FROM control.moves WHERE state NOT IN ('purged', 'aborted')`,
        ),
        await clinic.inCell(cell),
        await clinic.inCell(cell === HERE ? THERE : HERE),
      ];
      return [
        ...(home === cell ? [] : [`the home is ${home}`]),
        ...open.map(({ state }) => `a move is ${state}`),
        ...(inHome?.fence === 'open' ? [] : [`the home is ${inHome?.fence}`]),
        ...(elsewhere ? [`there are ${elsewhere.marks} rows elsewhere`] : []),
        ...(await clinic.streams()),
      ];
    },
    streams: async () => {
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
    },
    inCell: async (cell) => {
      const [enrolled] = await project.cell<{ fence: string }>(
        cell,
        'SELECT fence FROM ringfence.tenants WHERE id = $1',
        [ids.tenantId],
      );
      const [marks] = await project.cell<{ count: number }>(
        cell,
        'SELECT count(*)::int AS count FROM shop.marks WHERE clinic_id = $1',
        [ids.clinicId],
      );
      return enrolled && { fence: enrolled.fence, marks: marks?.count ?? 0 };
    },
    startWriters: async (count) => {
      await emptyShop(clinic);
      const writers = Array.from({ length: count }, () => {
        const writer = `w${++started}`;
        const file = join(project.root, `${writer}.jsonl`);
        const given = { home: project.home, ...ids, writer, file, moveWaitMs: MOVE_WAIT_MS };
        const child = spawn(process.execPath, [TSX, WRITER, JSON.stringify(given)], {
          stdio: ['pipe', 'inherit', 'inherit'],
        });
        running.push(child);
        return { file, child };
      });
      const wroteAgain = async (): Promise<void> => {
        for (const { file } of writers) {
          const before = written(file);
          const progress = () =>
            written(file) > before ? 'wrote' : `last: ${JSON.stringify(readHistory(file).at(-1))}`;
          await expect.poll(progress, { timeout: WROTE_AGAIN_MS }).toBe('wrote');
        }
      };
      await wroteAgain();
      return {
        wroteAgain,
        end: async (allowed = []) => {
          for (const { child } of writers) {
            child.stdin?.end();
            if (child.exitCode === null) await Promise.race([once(child, 'exit'), pause(150_000)]);
            if (child.exitCode === null) child.kill('SIGKILL');
          }
          const history = writers.flatMap(({ file }) => readHistory(file));
          say(`  ${countHistory(history)}`);
          const problems = checkHistory(history, await kept(clinic), allowed);
          return [
            ...writers.flatMap(({ child }) =>
              child.exitCode === 0 ? [] : [`a writer exited with ${child.exitCode}`],
            ),
            ...problems,
          ];
        },
      };
    },
  };
  return clinic;
};

const readHistory = (file: string): HistoryEvent[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as HistoryEvent)
    : [];

const written = (file: string): number =>
  readHistory(file).filter(({ kind, error }) => kind === 'write' && error === undefined).length;

const emptyShop = async ({ project, ids, home }: MovedClinic): Promise<void> => {
  const cell = await home();
  for (const table of ['marks', 'latest', 'passing'])
    await project.cell(cell, `DELETE FROM shop.${table} WHERE clinic_id = $1`, [ids.clinicId]);
  await project.cell(cell, 'UPDATE shop.counters SET value = 0 WHERE clinic_id = $1', [ids.clinicId]);
};

const kept = async ({ project, ids, home }: MovedClinic): Promise<Kept> => {
  const cell = await home();
  const [row] = await project.cell<Kept>(
    cell,
    `SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'writer', writer, 'n', n)), '[]') FROM shop.marks WHERE clinic_id = $1) AS marks,
            (SELECT value FROM shop.counters WHERE clinic_id = $1) AS counter,
            (SELECT coalesce(jsonb_object_agg(writer, n), '{}') FROM shop.latest WHERE clinic_id = $1) AS latest,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('writer', writer, 'n', n)), '[]') FROM shop.passing WHERE clinic_id = $1) AS passing`,
    [ids.clinicId],
  );
  if (!row) throw new Error('the home has no rows');
  return row;
};
