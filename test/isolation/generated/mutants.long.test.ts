import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import {
  type GeneratedOptions,
  type GeneratedReport,
  runGenerated,
} from '../../../isolation/generated/run-generated.js';
import { MUTANTS } from '../../../isolation/mutants/run-mutants.js';
import { TEST_CONTEXT_KEY } from '../../support/cell-database.js';

/** Plays on a cell that lacks a defence. */
const playOn = async (sql: string, options: Partial<GeneratedOptions>): Promise<GeneratedReport> => {
  const server = inject('postgres');
  const name = `it_${randomUUID().replaceAll('-', '')}`;
  const admin: Connection = { ...server, database: name };
  const maintenance = { ...server, database: 'postgres' };
  await withConnection(maintenance, async (client) => {
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(`CREATE DATABASE ${name} TEMPLATE cell_template STRATEGY WAL_LOG`);
  });
  try {
    await withConnection(admin, async (client) => {
      await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
      await client.query(`GRANT CONNECT ON DATABASE ${name} TO ringfence_app, ringfence_tenant`);
      await client.query(sql);
    });
    const app = { ...admin, user: 'ringfence_app', password: 'app' };
    const target = { admin, app, contextKey: TEST_CONTEXT_KEY, now: () => new Date() };
    return await runGenerated(target, { sequences: 1_000, seed: 1, ...options });
  } finally {
    await withConnection(maintenance, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  }
};

/** Mutants, and within how many sequences of seed 1 they are found; measured, with a margin. */
const WITHIN: ReadonlyArray<readonly [id: string, sequences: number]> = [
  ['no-boundary', 50],
  ['boundary-without-check', 400],
  ['open-to-branches', 50],
  ['second-enter', 50],
  ['context-of-the-session', 50],
  ['immutable-context', 300],
  ['token-of-any-connection', 200],
  ['silent-writes', 300],
];

describe('generated attacks notice', () => {
  it.each(WITHIN)('the mutant %s within %i sequences', async (id, sequences) => {
    const sql = MUTANTS.find((mutant) => mutant.id === id)?.sql ?? '';
    const report = await playOn(sql, { sequences });
    expect(report.failure?.kind).toMatch(/leak|difference/);
    expect(report.failure?.steps.length).toBeLessThan(15);
  });

  it('connections that keep a cursor for the next tenant', async () => {
    const report = await playOn('SELECT', { sequences: 1_000, clean: 'RESET ALL' });
    expect(report.failure?.what).toMatch(/cursor|rows of another clinic/);
  });

  it('the same way again when a sequence is replayed', async () => {
    const sql = MUTANTS.find(({ id }) => id === 'no-boundary')?.sql ?? '';
    const { failure } = await playOn(sql, { sequences: 50 });
    const replayed = await playOn(sql, { sequences: 50, path: failure?.path ?? '' });
    expect(replayed.failure?.what).toBe(failure?.what);
  });
});
