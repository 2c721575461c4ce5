import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { CliProject } from '../../support/cli.js';
import { checkHistory, countHistory, type HistoryEvent, type Kept } from './history.js';

export const HERE = 'shared-eu-central-1';
export const THERE = 'shared-eu-west-1';

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const WRITER = [TSX, fileURLToPath(new URL('./writer.ts', import.meta.url))];
/** Longer than any command here: a request waits for the run that goes on. */
const MOVE_WAIT_MS = 120_000;
/** On a machine that is busy with servers. */
const WROTE_AGAIN_MS = 60_000;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A move as the control database has it. */
interface MoveRow {
  readonly id: string;
  readonly state: string;
  readonly source: string;
  readonly destination: string;
  readonly is_rollback: boolean;
}

/** A tenant that moves between two cells, with the applications that use it meanwhile. */
export interface WatchedTenant {
  readonly slug: string;
  readonly ids: { readonly tenantId: string; readonly clinicId: string; readonly userId: string };
  /** The cell that the control database leads to. */
  home(): Promise<string>;
  move(): Promise<MoveRow | undefined>;
  newestOperation(): Promise<{ readonly id: string; readonly state: string } | undefined>;
  /** Applications that write and read from now on. */
  startWriters(count: number): Promise<Writers>;
  /** What is not as it is for a tenant that lives in a cell, and of which no move is open. */
  unsettled(cell: string): Promise<string[]>;
  /** Rows of the tenant and its fence in a cell; undefined where it is not enrolled. */
  inCell(cell: string): Promise<{ readonly fence: string; readonly marks: number } | undefined>;
  /** Ends writers that still run, as a power cut does. */
  endWriters(): void;
}

interface Writers {
  /** Waits until every one has written again. */
  wroteAgain(): Promise<void>;
  /** Ends them. @returns what is wrong with their history. */
  end(allowed?: readonly string[]): Promise<string[]>;
}

/** The program of a writer, as arguments of Node, and how long it pauses. */
interface WriterOptions {
  readonly program?: readonly string[];
  readonly pauseMs?: number;
}

/** Follows a tenant that is deployed; the tables of its writers (history.ts) are in both cells. */
export const watchTenant = async (
  project: CliProject,
  slug: string,
  { program = WRITER, pauseMs }: WriterOptions = {},
): Promise<WatchedTenant> => {
  const running: ChildProcess[] = [];
  let started = 0;
  const ids = await enterWriter(project, slug);
  const tenant: WatchedTenant = {
    slug,
    ids,
    home: async () =>
      (await project.control<{ cell: string }>('SELECT cell FROM control.tenants WHERE slug = $1', [slug]))[0]
        ?.cell ?? '',
    move: async () =>
      (
        await project.control<MoveRow>(
          `SELECT id, state, source, destination, is_rollback FROM control.moves WHERE tenant_id = $1 ORDER BY started_at DESC LIMIT 1`,
          [ids.tenantId],
        )
      )[0],
    newestOperation: async () =>
      (
        await project.control<{ id: string; state: string }>(
          'SELECT id, state FROM control.operations WHERE slug = $1 ORDER BY started_at DESC LIMIT 1',
          [slug],
        )
      )[0],
    unsettled: async (cell) => {
      const [home, open, inHome, elsewhere] = [
        await tenant.home(),
        await project.control<{ state: string }>(
          `SELECT state FROM control.moves WHERE tenant_id = $1 AND state NOT IN ('purged', 'aborted')`,
          [ids.tenantId],
        ),
        await tenant.inCell(cell),
        await tenant.inCell(cell === HERE ? THERE : HERE),
      ];
      return [
        ...(home === cell ? [] : [`the home is ${home}`]),
        ...open.map(({ state }) => `a move is ${state}`),
        ...(inHome?.fence === 'open' ? [] : [`the home is ${inHome?.fence}`]),
        ...(elsewhere ? [`there are ${elsewhere.marks} rows elsewhere`] : []),
      ];
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
      await emptyShop(project, tenant);
      const writers = Array.from({ length: count }, () => {
        const writer = `${slug}-w${++started}`;
        const file = join(project.root, `${writer}.jsonl`);
        const given = { home: project.home, ...ids, writer, file, pauseMs, moveWaitMs: MOVE_WAIT_MS };
        const child = spawn(process.execPath, [...program, JSON.stringify(given)], {
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
          const problems = checkHistory(history, await kept(project, tenant), allowed);
          return [
            ...writers.flatMap(({ child }) =>
              child.exitCode === 0 ? [] : [`a writer exited with ${child.exitCode}`],
            ),
            ...problems,
          ];
        },
      };
    },
    endWriters: () => {
      for (const child of running.splice(0)) child.kill('SIGKILL');
    },
  };
  return tenant;
};

/** The account of the writers, and the counter that they share. */
const enterWriter = async (project: CliProject, slug: string): Promise<WatchedTenant['ids']> => {
  const [clinic] = await project.cell<{ tenant_id: string; id: string }>(
    HERE,
    'SELECT c.tenant_id, c.id FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id WHERE t.slug = $1',
    [slug],
  );
  if (!clinic) throw new Error(`${slug} is not in cell ${HERE}`);
  const [staff] = await project.cell<{ user_id: string }>(
    HERE,
    `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, gen_random_uuid(), 'Writer', 'owner') RETURNING user_id`,
    [clinic.id],
  );
  await project.cell(HERE, `INSERT INTO shop.counters (clinic_id, name, value) VALUES ($1, 'marks', 0)`, [
    clinic.id,
  ]);
  return { tenantId: clinic.tenant_id, clinicId: clinic.id, userId: staff?.user_id ?? '' };
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

const emptyShop = async (project: CliProject, { ids, home }: WatchedTenant): Promise<void> => {
  const cell = await home();
  for (const table of ['marks', 'latest', 'passing'])
    await project.cell(cell, `DELETE FROM shop.${table} WHERE clinic_id = $1`, [ids.clinicId]);
  await project.cell(cell, 'UPDATE shop.counters SET value = 0 WHERE clinic_id = $1', [ids.clinicId]);
};

const kept = async (project: CliProject, { ids, home }: WatchedTenant): Promise<Kept> => {
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
