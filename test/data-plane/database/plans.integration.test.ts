import { describe, expect, it } from 'vitest';
import { asClinic, inScratch, plantClinic, useDatabase } from '../../support/cell-database.js';

describe('the plan of a statement over tenant tables', () => {
  const db = useDatabase();
  const QUERY = 'SELECT FROM clinical.services';

  it('is refused to the application with a reason, and shown in no other way', async () => {
    const clinic = await plantClinic(db.admin, 'planned');
    const ask = (asked: string) =>
      asClinic(db.app, clinic, async (client) => {
        await client.query(`PREPARE kept AS ${QUERY}`);
        await client.query('EXECUTE kept');
        return client.query(asked);
      }).finally(() => db.app.query('DEALLOCATE ALL'));
    await expect(ask(`EXPLAIN ${QUERY}`)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringContaining('plans are for the administrator'),
    });
    for (const asked of [
      'EXPLAIN EXECUTE kept',
      `/* */ EXPLAIN ${QUERY}`,
      `SELECT; EXPLAIN (FORMAT JSON) ${QUERY}`,
      `EXPLAIN (ANALYZE, SUMMARY) EXECUTE kept`,
    ])
      await expect(ask(asked)).rejects.toMatchObject({ code: '0A000' });
  });

  it('is shown to the administrator, also as the application has it', async () => {
    const plan = await inScratch(db.admin, async (client) => {
      await client.query('SET LOCAL ROLE ringfence_app');
      return (await client.query(`EXPLAIN ${QUERY}`)).rows;
    });
    expect(JSON.stringify(plan)).toContain('InitPlan');
  });
});
