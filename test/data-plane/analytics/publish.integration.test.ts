import { beforeAll, describe, expect, it } from 'vitest';
import { publishCubes } from '../../../data-plane/analytics/publish.js';
import { asClinic, type TestClinic, useDatabase } from '../../support/cell-database.js';
import { type ByAge, plantBusyClinic, publishedCells } from './population.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const MONTHS = ['2026-06', '2026-07', '2026-08', '2026-09', '2026-10'];
const EVEN: ByAge = [4, 10, 10, 6];
const CUBE = 'visits_by_age';

describe('Cubes of a cell with five tenants', () => {
  const db = useDatabase();
  const clinics: TestClinic[] = [];
  const publish = (month: string) => publishCubes(db.connection, { month, now: NOW });
  const plant = (slug: string, byAge: ByAge = EVEN) =>
    plantBusyClinic(db.admin, slug, { byAge, months: MONTHS });

  beforeAll(async () => {
    for (const slug of ['a', 'b', 'c', 'd', 'e']) clinics.push(await plant(slug));
  });

  it('show each sum that hides everyone in it, rounded, and applications read it', async () => {
    const publications = await publish('2026-06');
    expect(publications).toContainEqual({ cube: CUBE, month: '2026-06', isNew: true, shown: 6, withheld: 0 });
    expect(publications).toContainEqual(
      expect.objectContaining({ cube: 'invoiced_eur_by_age', isNew: true, shown: 0 }),
    );
    const read = await asClinic(db.app, clinics[0] as TestClinic, (client) =>
      publishedCells(client, CUBE, '2026-06'),
    );
    expect(read).toEqual({
      'all/all': 300,
      'dental/all': 300,
      'dental/00-17': 40,
      'dental/18-39': 100,
      'dental/40-64': 100,
      'dental/65+': 60,
    });
  });

  it('are published once: neither corrections, removals nor a second run change a month', async () => {
    const before = await publishedCells(db.admin, CUBE, '2026-06');
    const [clinic] = clinics as [TestClinic];
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [clinic.tenantId]);
    const again = await publish('2026-06');
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'active' WHERE id = $1`, [clinic.tenantId]);
    expect(again.map(({ isNew }) => isNew)).toEqual(again.map(() => false));
    expect(await publishedCells(db.admin, CUBE, '2026-06')).toEqual(before);
    for (const statement of [
      `UPDATE analytics.benchmarks SET value = value + 5`,
      `DELETE FROM analytics.benchmarks`,
      `TRUNCATE analytics.benchmarks`,
      `TRUNCATE analytics.publications CASCADE`,
      `DELETE FROM analytics.publications`,
      `UPDATE analytics.publications SET month = '2026-05-01'`,
      `INSERT INTO analytics.benchmarks VALUES ('${CUBE}', '2026-06-01', 'aesthetic', 'all', 5)`,
    ]) {
      await expect(db.admin.query(statement)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it.each([
    `INSERT INTO analytics.publications VALUES ('x', '2026-01-01', now())`,
    `UPDATE analytics.benchmarks SET value = 0`,
    `DELETE FROM analytics.benchmarks`,
    `TRUNCATE analytics.benchmarks`,
  ])('are not written by an application: %s', async (statement) => {
    const attempt = asClinic(db.app, clinics[0] as TestClinic, (client) => client.query(statement));
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  it('do not move when one clinic enrols, though everyone else repeats the month before', async () => {
    const newcomer = await plant('f', [200, 200, 200, 200]);
    await publish('2026-07');
    expect(await publishedCells(db.admin, CUBE, '2026-07')).toEqual(
      await publishedCells(db.admin, CUBE, '2026-06'),
    );
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'archived' WHERE id = $1`, [
      newcomer.tenantId,
    ]);
  });

  it('withhold what fewer than five tenants are left of', async () => {
    const [clinic] = clinics as [TestClinic];
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [clinic.tenantId]);
    await publish('2026-08');
    expect(await publishedCells(db.admin, CUBE, '2026-08')).toEqual({});
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'active' WHERE id = $1`, [clinic.tenantId]);
    await publish('2026-08');
    expect(await publishedCells(db.admin, CUBE, '2026-08')).toEqual({});
  });

  it('are refused for a month that is not over', async () => {
    await expect(publish('2026-11')).rejects.toMatchObject({ code: 'usage' });
  });

  it('are published by one of two publishers at once', async () => {
    const both = await Promise.all([publish('2026-09'), publish('2026-09')]);
    const news = both.map((publications) => publications.filter(({ isNew }) => isNew).length).sort();
    expect(news).toEqual([0, 5]);
    expect(Object.keys(await publishedCells(db.admin, CUBE, '2026-09'))).toHaveLength(6);
  });

  it('give a clinic that subtracts itself, or three that do, no other one', async () => {
    const cells = await publishedCells(db.admin, CUBE, '2026-06');
    const own = 2 * EVEN.reduce((sum, patients) => sum + patients, 0);
    const left = (cells['dental/all'] ?? 0) - 3 * own;
    expect(left).toBeGreaterThanOrEqual(1.2 * own);
  });
});

describe('A small count', () => {
  const db = useDatabase();

  it('is withheld, and so is the cell that would give it away', async () => {
    const shares: ByAge[] = [
      [1, 10, 10, 8],
      [0, 10, 10, 8],
      [1, 10, 10, 8],
      [1, 10, 10, 8],
      [1, 10, 10, 8],
    ];
    for (const [at, byAge] of shares.entries())
      await plantBusyClinic(db.admin, `s${at}`, { byAge, months: ['2026-10'], visitsEach: 5 });
    await publishCubes(db.connection, { month: '2026-10', now: NOW });
    const cells = await publishedCells(db.admin, CUBE, '2026-10');
    expect(cells).toEqual({ 'all/all': 720, 'dental/all': 720, 'dental/18-39': 250, 'dental/40-64': 250 });
    const { rows } = await db.admin.query(
      `SELECT sum(value)::int AS parts FROM analytics.benchmarks WHERE vertical = 'dental' AND band <> 'all' AND cube = $1`,
      [CUBE],
    );
    const left = (cells['dental/all'] ?? 0) - rows[0]?.parts;
    console.log(`20 visits of 4 patients under 18: a reader computes ${left}, of 44 patients`);
    expect(left).toBe(220);
  });
});
