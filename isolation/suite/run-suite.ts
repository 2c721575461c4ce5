import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { translateIfDatabaseError } from '../../data-plane/database/errors.js';
import { lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import { readPlaces } from '../../data-plane/database/places.js';
import { randomFrom } from '../../data-plane/demo/random.js';
import { readObjects } from '../objects.js';
import { readCanaryTables } from './canary-tables.js';
import type { CaseResult, NotCovered, Scenario, ScenarioName, SuiteCase, SuiteReport } from './case.js';
import { unproven } from './judge.js';
import { memoryKeys } from './memory-keys.js';
import { NOT_COVERED } from './not-covered.js';
import { plantRows, plantTenant } from './plant.js';
import { removeCanaries } from './remove.js';
import { SCENARIOS } from './scenarios.js';
import type { Stage } from './stage.js';
import { takeCell } from './take-cell.js';
import type { SuiteTarget } from './target.js';

export type { CaseResult, ScenarioName, SuiteReport } from './case.js';
export type { SuiteKeys, SuiteTarget } from './target.js';

export interface SuiteOptions {
  /** All when left out. */
  readonly scenarios?: readonly ScenarioName[];
  /** Chooses the samples: interleavings, flipped bits. Default 1. */
  readonly seed?: number;
  readonly onCase?: (result: CaseResult) => void;
  /** Cases of layers above the data plane, added to their scenario. */
  readonly more?: Partial<Record<ScenarioName, readonly SuiteCase[]>>;
}

/** Of every connection, in milliseconds, from its start, so that DISCARD ALL keeps them. A case that takes longer proves nothing. */
const LIMITS = {
  lock_timeout: 3_000,
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 60_000,
};

/**
 * Attacks a cell: plants throw-away tenants with canaries, tries every case of the scenarios on them, and removes them
 * again, together with what a killed run left. Rows of real tenants are neither written nor copied; where a defence
 * is missing they may be counted. A leak is data, no error.
 *
 * @throws RingfenceError `conflict` while another run works in the cell, and what the connections throw.
 */
export const runSuite = (target: SuiteTarget, options: SuiteOptions = {}): Promise<SuiteReport> =>
  withConnection({ ...target.admin, ...LIMITS }, async (admin) => {
    await takeCell(admin);
    const keys = target.keys ?? memoryKeys();
    await removeCanaries(admin, keys);
    try {
      const login = { ...target.app, ...LIMITS };
      return await withConnection(login, (first) =>
        withConnection(login, async (second) => {
          const stage = await setStage(target, keys, admin, [first, second], options.seed ?? 1);
          return report(stage, options);
        }),
      );
    } finally {
      await removeCanaries(admin, keys);
    }
  });

const setStage = async (
  target: SuiteTarget,
  keys: Stage['keys'],
  admin: pg.Client,
  [first, second]: readonly [pg.Client, pg.Client],
  seed: number,
): Promise<Stage> => {
  const tables = await readCanaryTables(admin);
  const [a, branch] = await plantTenant(admin, 'attacker', ['first', 'second']);
  const [b] = await plantTenant(admin, 'victim', ['only']);
  if (!a || !branch || !b) throw new RingfenceError('internal', 'no throw-away clinics');
  for (const clinic of [a, branch, b]) await plantRows(admin, tables, clinic);
  const { readable } = await readObjects(admin);
  const shared = new Map<string, Promise<unknown>>();
  return {
    target,
    keys,
    ownKeys: target.keys !== undefined,
    admin,
    first,
    second,
    a,
    branch,
    b,
    tables,
    readable,
    places: await readPlaces(admin),
    random: randomFrom('isolation test', seed),
    once: <T>(name: string, work: () => Promise<T>) => {
      const known = shared.get(name) ?? work();
      shared.set(name, known);
      return known as Promise<T>;
    },
  };
};

const report = async (stage: Stage, options: SuiteOptions): Promise<SuiteReport> => {
  const startedAt = stage.target.now();
  const startedMs = performance.now();
  const wanted = SCENARIOS.filter(({ name }) => options.scenarios?.includes(name) ?? true);
  const cases: CaseResult[] = [];
  const { rows } = await stage.admin.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  for (const scenario of wanted) {
    for (const each of [...scenario.cases(stage), ...(options.more?.[scenario.name] ?? [])]) {
      const result = await runCase(stage, scenario, each);
      cases.push(result);
      options.onCase?.(result);
    }
  }
  const summary = wanted.map(({ name, title, about }) => {
    const count = (verdict: CaseResult['verdict']): number =>
      cases.filter((result) => result.scenario === name && result.verdict === verdict).length;
    return { name, title, about, held: count('held'), leaked: count('leaked'), unproven: count('unproven') };
  });
  return {
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - startedMs),
    postgres: rows[0]?.version ?? '',
    tables: stage.tables.length,
    seed: options.seed ?? 1,
    cases,
    scenarios: summary,
    lint: await stage.once('lint', () => lintSchema(stage.admin)),
    notCovered: notCovered(wanted),
  };
};

const notCovered = (wanted: readonly Scenario[]): NotCovered[] =>
  NOT_COVERED.filter(({ scenario }) => wanted.some(({ name }) => name === scenario));

const runCase = async (stage: Stage, scenario: Scenario, each: SuiteCase): Promise<CaseResult> => {
  const { id, isolation, tried, expected } = each;
  const outcome = await each.run(stage).catch((error: unknown) => {
    const known = translateIfDatabaseError(error);
    // The text of a foreign error may quote rows.
    return unproven(
      known instanceof RingfenceError
        ? `the attempt failed: ${known.code}, ${known.message}`
        : `the attempt failed (${error instanceof Error ? error.name : typeof error})`,
    );
  });
  return { id, scenario: scenario.name, isolation, tried, expected, ...outcome };
};
