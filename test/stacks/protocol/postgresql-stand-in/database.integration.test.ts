import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { sql, stackResource, standIn } from './scene.js';

const NAME = 'stand_in_database';

describe('a Database of the stand-in', () => {
  let database: Awaited<ReturnType<typeof stackResource>>;
  let declared: Properties;

  beforeEach(async () => {
    await sql('CREATE ROLE stand_in_owner');
    const [admin] = await sql('SELECT current_user AS name');
    declared = { name: NAME, owner: admin?.name, isTemplate: false };
    database = await stackResource(standIn().resource('Database'), declared);
  });
  afterEach(async () => {
    await sql(
      ...[NAME, `${NAME}_renamed`].map((name) => `DROP DATABASE IF EXISTS ${name}`),
      'DROP ROLE stand_in_owner',
    );
  });

  test('is made from template0 in UTF8, and seen as it was declared', async () => {
    expect(database.state()).toMatchObject({ template: 'template0', encoding: 'UTF8', id: NAME });
    expect(await database.refresh()).toEqual({});
    expect(await database.up()).toEqual([]);
  });

  test.each<[string, Properties]>([
    ['OWNER TO stand_in_owner', { owner: 'stand_in_owner' }],
    ['CONNECTION LIMIT 3', { connectionLimit: 3 }],
    ['ALLOW_CONNECTIONS false', { allowConnections: false }],
    ['IS_TEMPLATE true', { isTemplate: true }],
  ])('ALTER DATABASE ... %s is found, and brought back', async (change, found) => {
    await sql(`ALTER DATABASE ${NAME} ${change}`);
    expect(await database.refresh()).toEqual(found);
    expect(await database.up()).toEqual(Object.keys(found));
    expect(await database.refresh()).toEqual({});
    expect(await database.up()).toEqual([]);
  });

  test('a template flag that nobody declares is taken over, as the plugin does', async () => {
    await sql(`ALTER DATABASE ${NAME} IS_TEMPLATE true`);
    expect(await database.refresh()).toEqual({ isTemplate: true });
    const { isTemplate: _, ...silent } = declared;
    expect(await database.up(silent)).toEqual([]);
    await database.remove();
    expect(await sql(`SELECT FROM pg_database WHERE datname = '${NAME}'`)).toEqual([]);
  });

  test('made from something else is not made again by a program that does not say from what', async () => {
    await sql(`DROP DATABASE ${NAME}`);
    const other = { ...declared, template: 'template1', encoding: 'UTF8', lcCollate: 'C', lcCtype: 'C' };
    database = await stackResource(standIn().resource('Database'), other);
    expect(await database.refresh()).toEqual({});
    expect(await database.up(declared)).toEqual([]);
  });

  test('under another name is the same database', async () => {
    const oid = (name: string) => sql(`SELECT oid FROM pg_database WHERE datname = '${name}'`);
    const before = await oid(NAME);
    expect(await database.up({ ...declared, name: `${NAME}_renamed` })).toEqual(['name']);
    expect(await oid(`${NAME}_renamed`)).toEqual(before);
  });

  test('that is there already is taken over; one that is gone is seen to be gone', async () => {
    await sql(`ALTER DATABASE ${NAME} CONNECTION LIMIT 3`);
    const again = await stackResource(standIn().resource('Database'), declared);
    expect(again.state()).toMatchObject({ connectionLimit: -1 });
    await sql(`DROP DATABASE ${NAME}`);
    expect(await again.refresh()).toBeUndefined();
    await again.remove();
  });

  test('has no property that is not known', () => {
    const resource = standIn().resource('Database');
    expect(resource.check({ ...declared, ownr: 'x' }).failures).toHaveLength(1);
  });
});
