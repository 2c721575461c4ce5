import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql, stackResource, standIn } from './scene.js';

const DATABASE = 'stand_in_granted';
const ROLE = 'stand_in_grantee';
const DECLARED = { database: DATABASE, role: ROLE, objectType: 'database', privileges: ['CONNECT'] };

describe('a Grant of the stand-in', () => {
  let grant: Awaited<ReturnType<typeof stackResource>>;

  beforeEach(async () => {
    await sql(
      `CREATE ROLE ${ROLE}`,
      'CREATE ROLE stand_in_third',
      `CREATE DATABASE ${DATABASE}`,
      `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`,
    );
    grant = await stackResource(standIn().resource('Grant'), DECLARED);
  });
  afterEach(async () => {
    await sql(
      `DROP DATABASE IF EXISTS ${DATABASE}`,
      `DROP ROLE IF EXISTS ${ROLE}`,
      'DROP ROLE stand_in_third',
    );
  });

  /** How many privileges others than the owner have. */
  const granted = async (): Promise<unknown> =>
    (
      await sql(
        `SELECT count(*)::int AS n FROM pg_database, aclexplode(datacl) WHERE datname = '${DATABASE}' AND grantee <> datdba`,
      )
    )[0]?.n;

  test.each<[string, Record<string, unknown>]>([
    [`GRANT CREATE ON DATABASE ${DATABASE} TO ${ROLE}`, { privileges: ['CONNECT', 'CREATE'] }],
    [`GRANT CONNECT ON DATABASE ${DATABASE} TO ${ROLE} WITH GRANT OPTION`, { withGrantOption: true }],
    [`REVOKE CONNECT ON DATABASE ${DATABASE} FROM ${ROLE}`, { privileges: [] }],
  ])('%s is found, and brought back', async (change, found) => {
    expect(await grant.refresh()).toEqual({});
    await sql(change);
    expect(await grant.refresh()).toEqual(found);
    expect(await grant.up()).toEqual(Object.keys(found));
    expect(await grant.refresh()).toEqual({});
    expect(await grant.up()).toEqual([]);
    expect(await granted()).toBe(1);
  });

  test('what the role passed on goes with its right to', async () => {
    await sql(
      `GRANT CREATE ON DATABASE ${DATABASE} TO ${ROLE} WITH GRANT OPTION`,
      `SET ROLE ${ROLE}`,
      `GRANT CREATE ON DATABASE ${DATABASE} TO stand_in_third`,
    );
    await grant.refresh();
    expect(await grant.up()).toEqual(['privileges', 'withGrantOption']);
    expect(await granted()).toBe(1);
  });

  test('has the id of the plugin, also where an earlier version gave another', async () => {
    expect(grant.state().id).toBe(`${ROLE}_${DATABASE}_database`);
    const found = await standIn()
      .resource('Grant')
      .read({ ...DECLARED }, { ...DECLARED });
    expect(found?.id).toBe(`${ROLE}_${DATABASE}_database`);
  });

  test('is gone with its role, and its removal then is no error', async () => {
    await sql(`REVOKE ALL ON DATABASE ${DATABASE} FROM ${ROLE}`, `DROP ROLE ${ROLE}`);
    expect(await grant.refresh()).toBeUndefined();
    await grant.remove();
  });

  test('knows databases only, and no property that is not known', () => {
    const resource = standIn().resource('Grant');
    for (const unknown of [{ objectType: 'table' }, { schema: 'public' }, { privileges: ['ALL'] }])
      expect(resource.check({ ...DECLARED, ...unknown }).failures).toHaveLength(1);
  });
});
