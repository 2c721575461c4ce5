import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { lintSchema } from '../../data-plane/database/lint/lint-schema.js';
import { prepareCell } from '../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../data-plane/database/roles.js';
import { runGenerated } from '../../isolation/generated/run-generated.js';
import { runMutants } from '../../isolation/mutants/run-mutants.js';
import { runSuite } from '../../isolation/suite/run-suite.js';
import { TEST_CONTEXT_KEY } from '../support/cell-database.js';
import { type DebianPostgres, noDebianPostgres, startDebianPostgres } from '../support/debian-postgres.js';

/** One mutant of each kind; the last one is the hole of CVE-2026-120154. */
const SAMPLE = [
  'no-row-level-security',
  'permissive-boundary',
  'second-enter',
  'context-of-the-session',
  'writable-context',
  'advisory-locks',
  'no-guard',
  'unique-key-without-clinic',
];

describe.skipIf(noDebianPostgres !== undefined)(`Postgres 15 (${noDebianPostgres ?? 'Debian'})`, () => {
  let postgres: DebianPostgres;
  let admin: Connection;

  beforeAll(async () => {
    postgres = await startDebianPostgres();
    admin = { ...postgres.server, database: 'cell' };
    await withConnection({ ...admin, database: 'postgres' }, async (client) => {
      await createRoles(client);
      await client.query('CREATE DATABASE cell');
    });
    await withConnection(admin, (client) =>
      prepareCell(client, { appPassword: 'app', keeperPassword: 'keeper', contextKey: TEST_CONTEXT_KEY }),
    );
  });
  afterAll(() => postgres?.stop());

  it('has a schema without findings', async () => {
    expect(await withConnection(admin, lintSchema)).toEqual([]);
  });

  it('holds against the whole attack suite', async () => {
    const app = { ...admin, user: 'ringfence_app', password: 'app' };
    const report = await runSuite({ admin, app, contextKey: TEST_CONTEXT_KEY, now: () => new Date() });
    const held = report.cases.filter(({ verdict }) => verdict === 'held').length;
    console.log(`Postgres ${report.postgres}: ${report.cases.length} cases, ${held} held`);
    expect(report.postgres).toMatch(/^15\./);
    expect(report.cases.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(report.cases.length).toBeGreaterThanOrEqual(150);
  });

  it('holds against generated attacks', async () => {
    const app = { ...admin, user: 'ringfence_app', password: 'app' };
    const target = { admin, app, contextKey: TEST_CONTEXT_KEY, now: () => new Date() };
    const report = await runGenerated(target, { sequences: 200, seed: 15 });
    expect(report.failure).toBeUndefined();
    expect(report.sequences).toBe(200);
  });

  it('is caught with a defence less', async () => {
    const results = await runMutants(postgres.server, { only: SAMPLE, now: () => new Date() });
    expect(results.map(({ id }) => id).sort()).toEqual([...SAMPLE].sort());
    expect(results.filter(({ caught }) => !caught)).toEqual([]);
  });
});
