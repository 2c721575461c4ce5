import { describe, expect, it } from 'vitest';
import { useClinics } from './clinic-scene.js';

describe('an answer that is larger than a process may hold', () => {
  const scene = useClinics();

  /** Each took the whole process along, or held its event loop for seconds. */
  it.each([
    ['a value that is too long for a string', true, `SELECT repeat('x', 540000000)`],
    ['rows without an end', false, 'SELECT g, md5(g::text) FROM generate_series(1, 3000000) g'],
    ['rows of no columns', true, 'SELECT FROM generate_series(1, 30000000)'],
    ['a document', false, `SELECT ('[' || repeat('{"a":1},', 12000000) || '1]')::json`],
    ['an error that repeats a value', true, `SELECT (repeat('x', 20000000))::int`],
  ])('ends its statement and nothing else: %s', async (_, isRun, text) => {
    const [clinic, neighbour] = [await scene.clinic('greedy'), await scene.clinic('modest')];
    const access = scene.access();
    const large = { code: 'result_too_large', fix: expect.stringContaining('fewer rows') };
    const answer = isRun
      ? access.run(clinic.token(), clinic.clinicId, (db) => db.query(text))
      : access.query(clinic.token(), clinic.clinicId, text);
    await expect(answer).rejects.toMatchObject(large);
    for (const { token, clinicId } of [clinic, neighbour])
      expect((await access.query(token(), clinicId, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('is measured by statement, and can be allowed', async () => {
    const clinic = await scene.clinic('large');
    const access = scene.access({ resultRowsMax: 10, resultBytesMax: 100_000 });
    const rows = (count: number) => `SELECT FROM generate_series(1, ${count})`;
    const counts = await access.run(clinic.token(), clinic.clinicId, async (db) => {
      const answers = [];
      for (let times = 0; times < 3; times++) answers.push(await db.query(rows(10)));
      return answers.map(({ rowCount }) => rowCount);
    });
    expect(counts).toEqual([10, 10, 10]);
    const refused = access.query(clinic.token(), clinic.clinicId, rows(11));
    await expect(refused).rejects.toMatchObject({ code: 'result_too_large' });
  });

  it('does not come of many savepoints either: a run takes a thousand', async () => {
    const [clinic, neighbour] = [await scene.clinic('nested'), await scene.clinic('beside')];
    const access = scene.access();
    const run = access.run(clinic.token(), clinic.clinicId, async (db) => {
      for (let savepoint = 0; savepoint < 1_001; savepoint++)
        await db.query(`SAVEPOINT s${savepoint}`).catch(() => undefined);
    });
    await expect(run).rejects.toMatchObject({
      code: 'statement_not_allowed',
      message: expect.stringContaining('1000 savepoints'),
    });
    await access.query(neighbour.token(), neighbour.clinicId, 'SELECT FROM clinical.services');
  });
});
