import { expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { migrate } from '../../../data-plane/database/migrate.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase();
const run = () => withConnection(db.connection, (client) => migrate(client, 'cell'));

it('does nothing to a database that is at the newest schema', async () => {
  expect(await run()).toEqual([]);
});

it.each([
  [
    'a newer version made',
    `INSERT INTO ringfence_private.migrations (name, run_on) VALUES ('9999_future', now())`,
  ],
  [
    'an older version made differently',
    `DELETE FROM ringfence_private.migrations WHERE name = '0001_context'`,
  ],
])('refuses a database that %s, says so, and changes nothing', async (_, statement) => {
  const before = await db.admin.query('SELECT * FROM ringfence_private.migrations');
  await db.admin.query(statement);
  await expect(run()).rejects.toMatchObject({
    code: 'conflict',
    message: 'the cell database was made by another version of Ringfence',
  });
  await db.admin.query('DELETE FROM ringfence_private.migrations');
  for (const row of before.rows)
    await db.admin.query('INSERT INTO ringfence_private.migrations VALUES ($1, $2, $3)', Object.values(row));
});
